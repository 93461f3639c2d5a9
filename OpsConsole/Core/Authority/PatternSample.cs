using System.Text;

namespace OpsConsole.Core.Authority;

/// <summary>Guesses a text that a regular expression matches. Only a guess, for examples: whoever uses it evaluates the pattern on it.</summary>
internal sealed class PatternSample
{
    private const int MaxRepeat = 50, MaxLength = 400;
    private readonly string _pattern;
    private int _at;

    private PatternSample(string pattern) => _pattern = pattern;

    /// <summary>Empty for what is longer than a condition may be.</summary>
    public static string Of(string pattern) => pattern.Length > PatternSize.Longest ? "" : new PatternSample(pattern).Alternatives();

    // The first alternative is the sample; the others are only read past.
    private string Alternatives()
    {
        var sample = Sequence();
        while (_at < _pattern.Length && _pattern[_at] == '|')
        {
            _at++;
            Sequence();
        }
        return sample;
    }

    private string Sequence()
    {
        var sample = new StringBuilder();
        while (_at < _pattern.Length && _pattern[_at] is not ('|' or ')'))
        {
            var atom = Atom();
            var times = Times();
            for (var i = 0; i < times && sample.Length < MaxLength; i++) sample.Append(atom);
        }
        return sample.ToString();
    }

    private string Atom()
    {
        var c = _pattern[_at++];
        switch (c)
        {
            case '^' or '$':
                return "";
            case '.':
                return "x";
            case '(':
                if (_at + 1 < _pattern.Length && _pattern[_at] == '?') _at = Math.Min(_pattern.Length, _at + 2);
                var inner = Alternatives();
                if (_at < _pattern.Length) _at++;
                return inner;
            case '[':
                return OneOf();
            case '\\' when _at < _pattern.Length:
                return Escaped(_pattern[_at++]);
            default:
                return c.ToString();
        }
    }

    private string OneOf()
    {
        var negated = _at < _pattern.Length && _pattern[_at] == '^';
        if (negated) _at++;
        var start = _at;
        while (_at < _pattern.Length && (_pattern[_at] != ']' || _at == start)) _at += _pattern[_at] == '\\' ? 2 : 1;
        var members = _pattern[start..Math.Min(_at, _pattern.Length)];
        _at = Math.Min(_at + 1, _pattern.Length);
        if (members.Length == 0) return "";
        if (!negated) return members[0] == '\\' && members.Length > 1 ? Escaped(members[1]) : members[0].ToString();
        return "xz0-~".FirstOrDefault(c => !members.Contains(c), '_').ToString();
    }

    private int Times()
    {
        if (_at >= _pattern.Length) return 1;
        var times = 1;
        switch (_pattern[_at])
        {
            case '*' or '+' or '?':
                _at++;
                break;
            case '{':
                var end = _pattern.IndexOf('}', _at);
                if (end < 0) return 1;
                times = int.TryParse(_pattern.AsSpan(_at + 1, end - _at - 1).ToString().Split(',')[0], out var least) ? Math.Min(least, MaxRepeat) : 1;
                _at = end + 1;
                break;
            default:
                return 1;
        }
        if (_at < _pattern.Length && _pattern[_at] == '?') _at++;   // lazy
        return times;
    }

    private static string Escaped(char c) => c switch
    {
        'd' => "1",
        'w' => "x",
        's' => " ",
        'D' or 'S' => "x",
        'W' => "-",
        'n' => "\n",
        't' => "\t",
        'b' or 'B' or 'A' or 'z' or 'Z' => "",
        _ => c.ToString(),
    };
}
