"""The scripts (Lua) that Redis runs for the bus, each as a whole or not at all.

Keys of the streams, below the prefix: ``fence`` and ``epoch`` of the listener, and for each user
``<epoch>:u:<user>:now`` (a hash: ``seq``, and ``<kind>:<key>`` to ``<first seq> <payload>``) and
``<epoch>:u:<user>:log`` (a list: the newest entries, each as ``redis_entries`` has it).
"""

import hashlib
from dataclasses import dataclass, field

TTL_S = 3600
"""Seconds for which Redis keeps what is not written again: the keys of a listener that is gone."""


@dataclass(frozen=True, slots=True)
class Script:
    text: str
    sha: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha1(self.text.encode(), usedforsecurity=False)
        object.__setattr__(self, "sha", digest.hexdigest())


_COMMON = """
local function text_of(key)
  if redis.call('TYPE', key)['ok'] ~= 'string' then return nil end
  return redis.call('GET', key)
end
local function newest_fence(key)
  local text = text_of(key)
  if text and #text < 16 and string.find(text, '^%d+$') then return tonumber(text) end
  return nil
end
"""

_GUARD = (
    _COMMON
    + """
local fence, epoch, ttl = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local newest = newest_fence(KEYS[1])
if newest and newest > fence then return 'FENCED' end
if newest ~= fence or text_of(KEYS[2]) ~= epoch then return 'RESTART' end
"""
)
"""Keys: fence, epoch. Arguments: fence, epoch, seconds to keep. Answers ``FENCED`` to a listener
that another one has replaced, ``RESTART`` where its epoch is not in Redis (any more)."""

BEGIN = Script(
    _COMMON
    + """
local newest = newest_fence(KEYS[1])
if newest and newest > tonumber(ARGV[1]) then return 'FENCED' end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[3])
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
return 'OK'
"""
)
"""Begin an epoch. Keys and arguments as above."""

PUBLISH = Script(
    _GUARD
    + """
local users, payloads = tonumber(ARGV[4]), tonumber(ARGV[5])
local at = 6 + payloads
for user = 1, users do
  local now, log = KEYS[2 * user + 1], KEYS[2 * user + 2]
  local channel, first = ARGV[at], tonumber(ARGV[at + 1])
  local keep, count = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  at = at + 4
  local have = tonumber(redis.call('HGET', now, 'seq') or '0')
  if have == first - 1 then
    redis.call('HSET', now, 'seq', first + count - 1)
    for index = 1, count do
      local thing, gone, since = ARGV[at], ARGV[at + 1], ARGV[at + 2]
      local payload = ARGV[5 + tonumber(ARGV[at + 3])]
      at = at + 4
      if gone == '1' then
        redis.call('HDEL', now, thing)
      else
        redis.call('HSET', now, thing, since .. ' ' .. payload)
      end
      local entry = epoch .. ' ' .. (first + index - 1) .. ' ' .. gone .. ' '
        .. string.match(thing, '^[^:]*') .. '\\n' .. payload
      redis.call('RPUSH', log, entry)
      redis.call('PUBLISH', channel, entry)
    end
    if keep == 0 then redis.call('DEL', log) else redis.call('LTRIM', log, -keep, -1) end
    redis.call('EXPIRE', now, ttl)
    redis.call('EXPIRE', log, ttl)
  elseif have >= first + count - 1 then
    at = at + 4 * count
  else
    return 'RESTART'
  end
end
return 'OK'
"""
)
"""Append entries to the streams of users; what was appended before, by a command whose reply was
lost, is left out. Further keys: two for each user. Further arguments: the number of users and of
payloads, the payloads, and for each user the channel, the first seq, how many entries the history
keeps, and the number of entries with four values each: ``<kind>:<key>``, 1 for gone, the seq since
which the object is there, and the number of its payload from 1."""

BEAT = Script(
    _GUARD
    + """
redis.call('EXPIRE', KEYS[1], ttl)
redis.call('EXPIRE', KEYS[2], ttl)
if ARGV[6] ~= '' then redis.call('SET', KEYS[3], ARGV[6], 'EX', ttl)
elseif ARGV[7] == '1' and redis.call('EXPIRE', KEYS[3], ttl) == 0 then return 'RESTART' end
for index = 4, #KEYS, 2 do
  if redis.call('EXPIRE', KEYS[index], ttl) == 0 then return 'RESTART' end
  redis.call('EXPIRE', KEYS[index + 1], ttl)
end
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 'OK'
"""
)
"""Notify web processes that the listener is there, and keep its keys. Further keys: the facts, and
two for each user whose keys are to be kept. Further arguments: the channel, the beat, the facts if
they are new, and 1 if there are facts in Redis."""

READ = Script(
    _COMMON
    + """
local epoch = text_of(KEYS[1])
if not epoch then return false end
local base = ARGV[1] .. ':' .. epoch .. ':u:' .. ARGV[2]
local seq = tonumber(redis.call('HGET', base .. ':now', 'seq') or '0')
if ARGV[3] == epoch then
  local missed = seq - tonumber(ARGV[4])
  if missed == 0 then return {epoch, seq, 'log', {}} end
  if missed > 0 and missed <= redis.call('LLEN', base .. ':log') then
    return {epoch, seq, 'log', redis.call('LRANGE', base .. ':log', -missed, -1)}
  end
end
return {epoch, seq, 'now', redis.call('HGETALL', base .. ':now')}
"""
)
"""Read what a browser at a position lacks. Key: the epoch. Arguments: prefix, user, epoch and seq
of the position (an empty epoch: none)."""

HEADS = Script(
    _COMMON
    + """
local epoch = text_of(KEYS[1])
if not epoch then return false end
local heads = {epoch}
for index = 2, #ARGV do
  local now = ARGV[1] .. ':' .. epoch .. ':u:' .. ARGV[index] .. ':now'
  heads[index] = tonumber(redis.call('HGET', now, 'seq') or '0')
end
return heads
"""
)
"""Read the epoch and the newest seq of some users. Key: the epoch. Arguments: prefix, users."""

ADD_REQUESTS = Script(
    _COMMON
    + """
local have = tonumber(text_of(KEYS[2]) or '0') or 0
if redis.call('TYPE', KEYS[1])['ok'] ~= 'stream' then redis.call('DEL', KEYS[1]) end
local number = tonumber(ARGV[1])
for index = 4, #ARGV do
  if number > have and ARGV[index] ~= '' then
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'request', ARGV[index])
  end
  number = number + 1
end
redis.call('SET', KEYS[2], number - 1, 'EX', ARGV[3])
return 'OK'
"""
)
"""Append requests, each once also when the command is repeated. Keys: the stream of requests, the
number of the sender's newest one. Arguments: the number of the first, the most to keep, seconds to
keep the number, the requests (an empty one only takes its number)."""

TAKE_REQUESTS = Script(
    _COMMON
    + """
local fence = tonumber(ARGV[1])
local newest = newest_fence(KEYS[1])
if newest and newest > fence then return 'FENCED' end
if newest ~= fence then redis.call('SET', KEYS[1], fence, 'EX', ARGV[2]) end
if redis.call('TYPE', KEYS[2])['ok'] ~= 'stream' then redis.call('DEL', KEYS[2]) end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local taken = {}
for index = 4, #ARGV, 3 do
  local mark, once = redis.call('XDEL', KEYS[2], ARGV[index]), KEYS[tonumber(ARGV[index + 2])]
  local age = now - tonumber(string.match(ARGV[index], '^%d+'))
  if mark == 1 and age > tonumber(ARGV[index + 1]) then
    mark = 2
  elseif mark == 1 and once then
    local earlier = text_of(once)
    if earlier then mark = earlier else redis.call('SET', once, '', 'EX', ARGV[3]) end
  end
  taken[#taken + 1] = mark
end
return {redis.call('XLEN', KEYS[2]), taken}
"""
)
"""Take requests out of the stream, so that each is taken once. Keys: fence, the stream, those of
requests that are handled once. Arguments: fence, seconds to keep it, seconds to keep a request that
has begun, and for each request three: its id, the most ms since it was written, the number of its
key (0: none). Answers how many are left, and for each request 1 for taken, 0 for gone, 2 for too
old, or the text at its key: the answer that was given, empty where none was yet."""

ADD_ANSWERS = Script(
    """
for index = 1, tonumber(ARGV[3]) do
  local stream, at = KEYS[index], 3 * index + 1
  local once = KEYS[tonumber(ARGV[at + 1])]
  if redis.call('TYPE', stream)['ok'] ~= 'stream' then redis.call('DEL', stream) end
  redis.call('XADD', stream, 'MAXLEN', '~', ARGV[1], '*', 'answer', ARGV[at])
  redis.call('EXPIRE', stream, ARGV[2])
  if once then redis.call('SET', once, ARGV[at], 'EX', ARGV[at + 2]) end
end
return 'OK'
"""
)
"""Append one answer to each stream, and keep those of requests that are handled once. Keys: the
streams, then the keys of such requests. Arguments: the most to keep, seconds to keep them, how many
answers, and for each three: the answer, the number of its key (0: none), seconds to keep it."""
