namespace OpsConsole.Core.Authority;

/// <summary>
/// How large a regular expression becomes when its counted repeats are written out: <c>[0-9]{3}</c> is 3, <c>(\w{1,8}\d){2}</c> is 18. The engine never backtracks, but with large counts it
/// builds a state for every way to have counted so far, and looks at its clock too seldom to be stopped.
/// </summary>
internal sealed class PatternSize
{
    public const long Most = 100;
    private const long Endless = 1_000_000;
    private readonly string _pattern;
    private int _at;

    private PatternSize(string pattern) => _pattern = pattern;

    public static long Of(string pattern) => new PatternSize(pattern).Alternatives();

    private long Alternatives()
    {
        var size = Sequence();
        while (_at < _pattern.Length && _pattern[_at] == '|')
        {
            _at++;
            size = Math.Min(Endless, size + Sequence());
        }
        return size;
    }

    private long Sequence()
    {
        long size = 0;
        while (_at < _pattern.Length && _pattern[_at] is not ('|' or ')'))
        {
            var atom = Atom();
            size = Math.Min(Endless, size + atom * Times());
        }
        return size;
    }

    private long Atom()
    {
        switch (_pattern[_at++])
        {
            case '(':
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

    private long Times()
    {
        long times = 1;
        while (_at < _pattern.Length && _pattern[_at] is ('*' or '+' or '?' or '{'))
        {
            if (_pattern[_at] == '{' && _pattern.IndexOf('}', _at) is > 0 and var end)
            {
                var counts = _pattern[(_at + 1)..end].Split(',');
                if (!counts.All(c => c.All(char.IsAsciiDigit))) break;   // a brace that is only a brace
                times = Math.Min(Endless, times * counts.Select(c => c.Length == 0 ? 1 : long.TryParse(c, out var n) ? Math.Max(1, n) : Endless).Max());
                _at = end;
            }
            else if (_pattern[_at] == '{') break;
            _at++;
        }
        if (_at < _pattern.Length && _pattern[_at] == '{') _at++;
        return times;
    }
}
