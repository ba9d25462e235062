-- Events for a live body. ARGV: the first sequence to look at, the stream's term or '', then the
-- terms of each group as `,term,term,`. Gives the sequence to go on from, the last there is, and
-- head and text of each event.
local p = KEYS[1]
local EVENTS, LOOKS, BYTES, AT_ONCE = 256, 2000, 2 ^ 20, 32
local from, stream = tonumber(ARGV[1]), ARGV[2]
local last = tonumber(redis.call('HGET', p .. ':meta', 'sequence') or '0')

local groups = {}
for index = 3, #ARGV do
  local group = {}
  for term in ARGV[index]:gmatch('[^,]+') do group[term] = true end
  groups[#groups + 1] = group
end

local function has_one(terms, group)
  for term in terms:gmatch('[^,]+') do
    if group[term] then return true end
  end
  return false
end

local function is_wanted(head)
  local of, terms = head:match('^%S+ (%S+) %S+ %S+ %S+ (%S+) ')
  if stream ~= '' and of ~= stream then return false end
  for _, group in ipairs(groups) do
    if not has_one(terms, group) then return false end
  end
  return true
end

local out, kept, looked, bytes = {}, 0, 0, 0
local function look()
  local start = string.format('%.0f', from)
  local entries = redis.call('XRANGE', p .. ':log', start, '+', 'COUNT', AT_ONCE)
  if #entries == 0 then
    from = math.max(from, last + 1)
    return false
  end
  for _, entry in ipairs(entries) do
    if kept >= EVENTS or looked >= LOOKS or bytes >= BYTES then return false end
    local head, text = entry[2][2], entry[2][4]
    from, looked = tonumber(entry[1]:match('^%d+')) + 1, looked + 1
    -- What is only looked at was read all the same.
    bytes = bytes + #text / 4
    if is_wanted(head) then
      kept, bytes = kept + 1, bytes + #text
      out[#out + 1], out[#out + 2] = head, text
    end
  end
  return true
end
while look() do end
return { string.format('%.0f', from), string.format('%.0f', last), out }
