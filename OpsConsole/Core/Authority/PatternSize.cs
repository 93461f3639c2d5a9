namespace OpsConsole.Core.Authority;

/// <summary>
/// How much work a regular expression can make, in parts when its counted repeats are written out: <c>[0-9]{3}</c> is 3, <c>a{2}b</c> is 3. The engine never backtracks, but it builds a state for
/// every way to have counted so far. Counts inside what is itself repeated make by far the most of them, so those parts count three times, and eight times where the repeat has no end:
/// <c>([0-9]{3}-){2}</c> is 24. With at most <see cref="Most"/> parts the slowest pattern found takes 0.4 s for its first text of <see cref="ScalarTest.MaxPatternText"/> and 40 ms for each further one; usual patterns take microseconds.
/// </summary>
internal sealed class PatternSize
{
    public const long Most = 100;
    private const long Endless = 1_000_000;
    private readonly string _pattern;
    private int _at;
    private bool _counts;   // whether what was read since it was last reset counts

    private PatternSize(string pattern) => _pattern = pattern;

    public static long Of(string pattern) => new PatternSize(pattern).Alternatives();

    private long Alternatives()
    {
        var (size, counts) = (Sequence(), _counts);
        while (_at < _pattern.Length && _pattern[_at] == '|')
        {
            _at++;
            size = Math.Min(Endless, size + Sequence());
            counts |= _counts;
        }
        _counts = counts;
        return size;
    }

    private long Sequence()
    {
        var (size, counts) = (0L, false);
        while (_at < _pattern.Length && _pattern[_at] is not ('|' or ')'))
        {
            _counts = false;
            var atom = Atom();
            var (times, endless) = Times();
            if (_counts) atom *= endless ? 8 : times > 1 ? 3 : 1;
            counts |= _counts || times > 1;
            size = Math.Min(Endless, size + atom * times);
        }
        _counts = counts;
        return size;
    }

    private long Atom()
    {
        switch (_pattern[_at++])
        {
            case '(':
                if (_pattern.AsSpan(_at).StartsWith("?:")) _at += 2;
                var inner = Alternatives();
                if (_at < _pattern.Length) _at++;
                return inner;
            case '[':
                var start = _at;
                while (_at < _pattern.Length && (_pattern[_at] != ']' || _at == start)) _at += _pattern[_at] == '\\' ? 2 : 1;
                _at = Math.Min(_at + 1, _pattern.Length);
                return 1;
            case '\\':
                _at = Math.Min(_at + 1, _pattern.Length);
                return 1;
            default:
                return 1;
        }
    }

    private (long Times, bool Endless) Times()
    {
        var (times, endless) = (1L, false);
        while (_at < _pattern.Length && _pattern[_at] is ('*' or '+' or '?' or '{'))
        {
            if (_pattern[_at] == '{' && _pattern.IndexOf('}', _at) is > 0 and var end)
            {
                var counts = _pattern[(_at + 1)..end].Split(',');
                if (!counts.All(c => c.All(char.IsAsciiDigit))) break;   // a brace that is only a brace
                endless |= counts is [_, ""];
                times = Math.Min(Endless, times * counts.Select(c => c.Length == 0 ? 1 : long.TryParse(c, out var n) ? Math.Max(1, n) : Endless).Max());
                _at = end;
            }
            else if (_pattern[_at] == '{') break;
            else endless |= _pattern[_at] != '?';
            _at++;
        }
        if (_at < _pattern.Length && _pattern[_at] == '{') _at++;
        return (times, endless);
    }
}
