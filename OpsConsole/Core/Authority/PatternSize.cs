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
    /// <summary>In characters.</summary>
    public const int Longest = 1_000;
    private readonly string _pattern;
    private int _at;
    private bool _lost;     // it cannot be told how the engine reads this
    private bool _counts;   // whether what was read since it was last reset counts

    private PatternSize(string pattern) => _pattern = pattern;

    /// <summary>Endless, too, for what is longer than a condition may be and for what it does not understand: whoever asks then does without the pattern.</summary>
    public static long Of(string pattern)
    {
        if (pattern.Length > Longest) return Endless;
        var size = new PatternSize(pattern);
        var all = size.Alternatives();
        return size._lost || size._at < pattern.Length ? Endless : all;
    }

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
                Opening();
                var inner = Alternatives();
                _lost |= _at >= _pattern.Length;
                _at++;
                return inner;
            case '[':
                if (_at < _pattern.Length && _pattern[_at] == '^') _at++;
                var start = _at;
                while (_at < _pattern.Length && (_pattern[_at] != ']' || _at == start)) _at += _pattern[_at] == '\\' ? Escape(_at) : 1;
                _lost |= _at >= _pattern.Length;
                _at++;
                return 1;
            case '\\':
                _at += Escape(_at - 1) - 1;
                return 1;
            default:
                return 1;
        }
    }

    // Of (?…: groups that only bind or have a name, and options that do not change how the rest is read.
    private void Opening()
    {
        var rest = _pattern.AsSpan(_at);
        if (!rest.StartsWith("?")) return;
        var options = 0;
        while (options + 1 < rest.Length && "imnsIMNS-".Contains(rest[options + 1])) options++;
        var end = rest.StartsWith("?<") ? rest.IndexOf('>') : rest.StartsWith("?'") ? rest[2..].IndexOf('\'') + 2 : options + 1 < rest.Length && rest[1 + options] is ':' or ')' ? options + (rest[1 + options] == ':' ? 1 : 0) : -1;
        if (end < 0 || rest.StartsWith("?<=") || rest.StartsWith("?<!") || rest.StartsWith("?''")) _lost = true;
        else _at += end + 1;
    }

    // \c takes the next character along, whatever it is.
    private int Escape(int at) => at + 1 < _pattern.Length && _pattern[at + 1] == 'c' ? 3 : 2;

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
