-- What Jitsi's modules add to the door of a room, as far as clients see it: the address of a lobby, and a number of seats.
-- The lobby itself is an ordinary room; a moderator lets somebody in by an ordinary invitation.
local st = require "util.stanza";
local jid = require "util.jid";

local lobby_host = module:get_option_string("lab_lobby");
local max_occupants = module:get_option_number("lab_max_occupants", 0);

module:hook("muc-occupant-pre-join", function (event)
    local room, stanza = event.room, event.stanza;
    if room:get_members_only() and jid.node(room.jid) ~= "closed" then
        local affiliation = room:get_affiliation(stanza.attr.from);
        if not affiliation or affiliation == "none" then
            local reply = st.error_reply(stanza, "auth", "registration-required");
            reply:tag("lobbyroom", { xmlns = "http://jitsi.org/jitmeet" });
            reply:text(jid.node(room.jid) .. "@" .. lobby_host);
            event.origin.send(reply);
            return true;
        end
    end
    local seats = 0;
    for _ in room:each_occupant() do seats = seats + 1; end
    if max_occupants > 0 and seats >= max_occupants then
        event.origin.send(st.error_reply(stanza, "cancel", "service-unavailable"));
        return true;
    end
end, 50);
