/* eslint-disable comma-dangle, no-unused-vars, no-var, prefer-template, vars-on-top */
var subdomain = '<!--# echo var="subdomain" default="" -->';
if (subdomain) {
    subdomain = subdomain.substr(0, subdomain.length - 1).split('.')
        .join('_')
        .toLowerCase() + '.';
}
var subdir = '<!--# echo var="subdir" default="" -->';

// The following are too many to remember: websocket: 'wss://old.example.org/ws',
var config = {
    hosts: {
        // XMPP domain.
        domain: 'meet.example.org',
        anonymousdomain: 'guest.example.org',
        // authdomain: 'meet.example.org',
        /* focus: 'focus.old.example.org', */
        muc: 'conference.' + subdomain + 'meet.example.org',
    },
    bosh: 'https://meet.example.org/' + subdir + 'http-bind',
    websocket: 'wss://meet.example.org/' + subdir + 'xmpp-websocket',
    websocketKeepAliveUrl: 'https://meet.example.org/' + subdir + '_unlock',
    conferenceRequestUrl:
        'https://<!--# echo var="http_host" default="jitsi-meet.example.com" -->/' + subdir + 'conference-request/v1',
    testing: { p2pTestMode: false },
    p2p: { enabled: true, stunServers: [ { urls: 'stun:stun.example.org:443' } ] },
    dropbox: { domain: 'www.example.net' },
};
