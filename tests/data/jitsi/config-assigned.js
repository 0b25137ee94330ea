var config = {};
config.hosts = {};
config.hosts.domain = 'meet.jitsi';

var subdir = '<!--# echo var="subdir" default="" -->';
var subdomain = '<!--# echo var="subdomain" default="" -->';
if (subdir.startsWith('<!--')) {
    subdir = '';
}
config.hosts.muc = `muc.${subdomain}meet.jitsi`;
config.hosts.focus = "focus.meet.jitsi";
config.bosh = '/' + subdir + 'http-bind';
config.websocket = '//chat.example.org:8443/' + subdir + 'xmpp-websocket';
config.conferenceRequestUrl = '/conference-request/v1';
config.bridgeChannel = { preferSctp: true };
