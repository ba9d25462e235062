-- A page, or as much of it as one step may cost: others wait while a script runs.
-- ARGV: `down`, `up` or `count`, where to go on ('' at the end of the list, else a bound of
-- ZRANGEBYLEX), how many to skip and to take (`count`: the slice as it was asked), how many were
-- counted, then the terms of each group. Gives the first five anew ({} when done), then the texts.
-- Places are digits alone, because Lua compares texts by the locale that Redis runs in.
local p = KEYS[1]
local mode, from, counted = ARGV[1], ARGV[2], tonumber(ARGV[5])
local MOST, PAGE, STEPS, READS, AHEAD = 2 ^ 53, 10000, 20000, 2000, 128
local budget = STEPS

local groups = {}
for index = 6, #ARGV do
  local group = {}
  for term in ARGV[index]:gmatch('[^,]+') do
    group[#group + 1] = { key = p .. ':t:' .. term }
  end
  groups[#groups + 1] = group
end
local alone = #groups == 1 and #groups[1] == 1 and groups[1][1].key
local up = mode == 'up'

local function text(number)
  return string.format('%.0f', number)
end

local function rewind()
  for _, group in ipairs(groups) do
    for _, list in ipairs(group) do
      list.places, list.next, list.used, list.ahead, list.ended = {}, 1, 0, 2, false
    end
  end
end

local function beyond(place, other)
  if up then return place > other end
  return place < other
end

-- The first place of a list at `place`, or past it. What is read ahead grows while it is used.
local function seek(list, place, past)
  budget = budget - 1
  local places = list.places
  local last = places[#places]
  if last and (place == '' or beyond(last, place) or (last == place and not past)) then
    for index = list.next, #places do
      local here = places[index]
      if place == '' or beyond(here, place) or (here == place and not past) then
        list.next, list.used = index, list.used + 1
        return here
      end
    end
  end
  if list.ended then return nil end
  budget = budget - 4
  if #places > 0 then
    local grow = 2 * list.used >= #places and 2 or 0.5
    list.ahead = math.max(2, math.min(AHEAD, list.ahead * grow))
  end
  local bound = place == '' and (up and '-' or '+') or ((past and '(' or '[') .. place)
  if up then
    places = redis.call('ZRANGEBYLEX', list.key, bound, '+', 'LIMIT', 0, list.ahead)
  else
    places = redis.call('ZREVRANGEBYLEX', list.key, bound, '-', 'LIMIT', 0, list.ahead)
  end
  list.places, list.next, list.used, list.ended = places, 1, 1, #places < list.ahead
  return places[1]
end

local function nearest(group, place, past)
  local best
  for _, list in ipairs(group) do
    local here = seek(list, place, past)
    if here and (not best or beyond(best, here)) then best = here end
  end
  return best
end

-- Leaps from group to group until all have the same place. Gives the hits, how many were skipped,
-- and where to go on; nil: there is no more to be found or wanted. Each call gets at least a step on,
-- whatever that costs.
local function walk(bound, skip, take)
  rewind()
  local past, place = bound:sub(1, 1) == '(', bound:sub(2)
  local hits, skipped, group, leaps = {}, 0, 1, 0
  while skipped < skip or #hits < take do
    local agreed = 0
    repeat
      if (budget <= 0 and leaps > #groups) or #hits == READS then
        return hits, skipped, (past and '(' or '[') .. place
      end
      local here = nearest(groups[group], place, past)
      leaps = leaps + 1
      if not here then return hits, skipped end
      agreed = here == place and not past and agreed + 1 or 1
      place, past = here, false
      group = group % #groups + 1
    until agreed == #groups
    past = true
    if skipped < skip then
      skipped = skipped + 1
    else
      hits[#hits + 1] = place
    end
  end
  return hits, skipped
end

-- One list alone: the first step finds its start by rank, the others by place, because events may
-- come meanwhile.
local function read_alone(skip, take)
  local most = math.min(take, READS)
  if most == 0 then return {}, skip end
  local hits
  if from ~= '' then
    local command = up and 'ZRANGEBYLEX' or 'ZREVRANGEBYLEX'
    hits = redis.call(command, alone, from, up and '+' or '-', 'LIMIT', 0, most)
  else
    local command = up and 'ZRANGE' or 'ZREVRANGE'
    hits = redis.call(command, alone, text(skip), text(skip + most - 1))
  end
  return hits, skip, #hits == most and most < take and '(' .. hits[most] or nil
end

local function slice(index, length)
  if index < 0 then return math.max(0, length + index) end
  return math.min(index, length)
end

local skip, take = math.min(tonumber(ARGV[3]), MOST), tonumber(ARGV[4])
if mode == 'count' then
  local rest
  if alone then
    counted = redis.call('ZCARD', alone)
  else
    local _, more
    _, more, rest = walk(from, MOST, 0)
    counted = counted + more
  end
  if rest then return { { mode, rest, ARGV[3], ARGV[4], text(counted) } } end
  local first = slice(skip, counted)
  -- No end is that of the list.
  local past = take and slice(take, counted) or counted
  skip, take = first, math.max(0, math.min(PAGE, past - first))
  mode, from, budget = 'down', '', STEPS
end

local hits, skipped, rest
if alone then
  hits, skipped, rest = read_alone(skip, take)
else
  hits, skipped, rest = walk(from, skip, take)
end
local answer = { {} }
if rest then answer[1] = { mode, rest, text(skip - skipped), text(take - #hits), '0' } end
for index, place in ipairs(hits) do
  local number = text(tonumber(place:sub(21)))
  answer[index + 1] = redis.call('XRANGE', p .. ':log', number, number)[1][2][4]
end
return answer
