-- Adds a comment to the query of each request, so that no two are the same and no answer is at hand.
-- The URL's last parameter is the query; the argument after the URL sets one run apart from another.

local number = 0
local run

function init(args)
  run = args[1]
end

function request()
  number = number + 1
  return wrk.format("GET", wrk.path .. "%0A%23" .. run .. "-" .. number)
end
