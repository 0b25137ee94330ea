-- Guests as Jitsi's own module knows them: named by a UUID, and known again by `previd` in the address of the stream, so
-- that they can resume it (XEP-0198). Prosody's own module gives them another name with each connection.
local new_sasl = require "util.sasl".new;
local uuid = require "util.uuid".generate;
local formdecode = require "util.http".formdecode;

local provider = {};

function provider.get_sasl_handler(session)
    local handler = new_sasl(module.host, { anonymous = function () return true; end });
    local process = handler.process;
    function handler:process(message)
        local status, ret, err = process(self, message);
        if status == "success" then
            self.username = uuid();
            for _, other in pairs(prosody.full_sessions) do
                if session.previd and other.resumption_token == session.previd then self.username = other.username; end
            end
        end
        return status, ret, err;
    end
    return handler;
end

local function notice(event)
    local query = event.request.url and event.request.url.query;
    local values = query and formdecode(query);
    if type(values) == "table" then event.session.previd = values.previd; end
end
module:hook_global("websocket-session", notice);
module:hook_global("bosh-session", notice);

module:provides("auth", provider);
