using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Authority;

/// <summary>
/// An operator with its value, prepared: one scalar in, a truth out, nothing allocated for text without escapes.
/// A scalar of another type than the value is unknown, never false: <c>"5000 EUR"</c> must not pass a limit on a number.
/// </summary>
internal sealed class ScalarTest
{
    private const int StackChars = 256;
    /// <summary>The longest text that a pattern looks at, in bytes of UTF-8; longer is unknown.</summary>
    public const int MaxPatternText = 1024;

    private enum Kind { Text, Number, Flag }

    private readonly Op _op;
    private readonly Kind _kind;
    private readonly string[] _texts;
    private readonly byte[][] _utf8;
    private readonly double[] _numbers;
    private readonly bool[] _flags;
    private readonly Regex? _regex;

    private ScalarTest(Op op, Kind kind, JsonElement[] values)
    {
        (_op, _kind) = (op, kind);
        _texts = kind == Kind.Text ? [.. values.Select(v => v.GetString()!)] : [];
        _utf8 = [.. _texts.Select(Encoding.UTF8.GetBytes)];
        _numbers = kind == Kind.Number ? [.. values.Select(v => v.GetDouble())] : [];
        _flags = kind == Kind.Flag ? [.. values.Select(v => v.GetBoolean())] : [];
        if (op != Op.Matches) return;
        PatternSize = Authority.PatternSize.Of(_texts[0]);
        // No time limit: when one runs out, this engine can say "does not match" of a text that matches. What bounds the work is the size of pattern and text.
        _regex = new Regex(_texts[0], RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        _ = Match("-", null);   // the first one is slow, and that is not the fault of a call
    }

    /// <summary>Whether the value is a number (or numbers), so that only numbers can be compared with it.</summary>
    public bool WantsNumber => _kind == Kind.Number;
    public bool WantsText => _kind == Kind.Text;
    public bool IsPattern => _op == Op.Matches;
    /// <summary>Of a pattern, see <see cref="Authority.PatternSize"/>; else 0.</summary>
    public long PatternSize { get; }

    /// <summary>The prepared test, or null with the reason why operator and value do not go together.</summary>
    public static ScalarTest? Compile(Op op, JsonElement? value, out string problem)
    {
        problem = "";
        if (value is not { } given)
        {
            problem = $"'{MatrixWords.Of(op)}' needs a value";
            return null;
        }
        var isSet = op is Op.In or Op.NotIn;
        if (isSet != (given.ValueKind == JsonValueKind.Array) || (isSet && given.GetArrayLength() == 0))
        {
            problem = isSet ? $"'{MatrixWords.Of(op)}' needs a list with something in it" : $"'{MatrixWords.Of(op)}' needs a single value, not a list";
            return null;
        }
        JsonElement[] values = isSet ? [.. given.EnumerateArray()] : [given];
        if (KindOf(values[0]) is not { } kind || values.Any(v => KindOf(v) != kind))
        {
            problem = "the values must be texts, finite numbers or true/false, all of one type";
            return null;
        }
        problem = op switch
        {
            Op.Less or Op.LessOrEqual or Op.Greater or Op.GreaterOrEqual when kind != Kind.Number => $"'{MatrixWords.Of(op)}' compares numbers only",
            Op.StartsWith or Op.EndsWith or Op.Contains or Op.Matches when kind != Kind.Text || given.GetString()!.Length == 0 => $"'{MatrixWords.Of(op)}' needs a text that is not empty",
            Op.Matches when Authority.PatternSize.Of(given.GetString()!) > Authority.PatternSize.Most => Unreadable(given.GetString()!) ?? $"the pattern counts too far: written out it may have {Authority.PatternSize.Most} parts. Use + instead of large counts such as {{1,300}}, no counts inside what is repeated, and neither (?x) nor comments",
            _ => "",
        };
        if (problem.Length > 0) return null;
        try
        {
            return new ScalarTest(op, kind, values);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            problem = $"the pattern cannot be used: {e.Message}";
            return null;
        }
    }

    // Counting stops at what cannot be read; then the engine's own words help more.
    private static string? Unreadable(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant);
            return null;
        }
        catch (ArgumentException e)
        {
            return $"the pattern cannot be used: {e.Message}";
        }
    }

    /// <param name="budget">For patterns; null: nobody waits for the answer.</param>
    public Truth Json(JsonElement value, PatternBudget? budget) => value.ValueKind switch
    {
        JsonValueKind.Number when _kind == Kind.Number => TryRead(value, out var number) ? Number(number) : Truth.Unknown,
        JsonValueKind.String when _kind == Kind.Text => Utf8Text(value, budget),
        JsonValueKind.True or JsonValueKind.False when _kind == Kind.Flag => Member(Array.IndexOf(_flags, value.ValueKind == JsonValueKind.True) >= 0),
        _ => Truth.Unknown,
    };

    public Truth Number(double? value)
    {
        if (_kind != Kind.Number || value is not { } number || !double.IsFinite(number)) return Truth.Unknown;
        return _op switch
        {
            Op.Less => Truths.Of(number < _numbers[0]),
            Op.LessOrEqual => Truths.Of(number <= _numbers[0]),
            Op.Greater => Truths.Of(number > _numbers[0]),
            Op.GreaterOrEqual => Truths.Of(number >= _numbers[0]),
            _ => Member(Array.IndexOf(_numbers, number) >= 0),
        };
    }

    /// <param name="budget">As for <see cref="Json"/>.</param>
    public Truth Text(string? text, PatternBudget? budget)
    {
        if (_kind != Kind.Text || text is null) return Truth.Unknown;
        return _op switch
        {
            Op.StartsWith => Truths.Of(text.StartsWith(_texts[0], StringComparison.Ordinal)),
            Op.EndsWith => Truths.Of(text.EndsWith(_texts[0], StringComparison.Ordinal)),
            Op.Contains => Truths.Of(text.Contains(_texts[0], StringComparison.Ordinal)),
            Op.Matches => Encoding.UTF8.GetByteCount(text) > MaxPatternText ? Truth.Unknown : Match(text, budget),
            _ => Member(Array.IndexOf(_texts, text) >= 0),
        };
    }

    // Compares the bytes of the document where they are the text itself; ordinal order of UTF-8 and of UTF-16 agree on equality.
    private Truth Utf8Text(JsonElement value, PatternBudget? budget)
    {
        var text = JsonMarshal.GetRawUtf8Value(value)[1..^1];
        if (text.Contains((byte)'\\')) return Text(value.GetString(), budget);
        if (!Utf8.IsValid(text)) return Truth.Unknown;
        return _op switch
        {
            Op.StartsWith => Truths.Of(text.StartsWith(_utf8[0])),
            Op.EndsWith => Truths.Of(text.EndsWith(_utf8[0])),
            Op.Contains => Truths.Of(text.IndexOf(_utf8[0]) >= 0),
            Op.Matches => MatchUtf8(text, budget),
            _ => Member(IsListed(text)),
        };
    }

    private bool IsListed(ReadOnlySpan<byte> text)
    {
        foreach (var listed in _utf8)
        {
            if (text.SequenceEqual(listed)) return true;
        }
        return false;
    }

    private Truth MatchUtf8(ReadOnlySpan<byte> text, PatternBudget? budget)
    {
        if (text.Length > MaxPatternText) return Truth.Unknown;
        if (text.Length <= StackChars)
        {
            Span<char> chars = stackalloc char[StackChars];
            return Match(chars[..Encoding.UTF8.GetChars(text, chars)], budget);
        }
        var rented = ArrayPool<char>.Shared.Rent(text.Length);
        var truth = Match(rented.AsSpan(0, Encoding.UTF8.GetChars(text, rented)), budget);
        ArrayPool<char>.Shared.Return(rented);
        return truth;
    }

    private Truth Match(ReadOnlySpan<char> text, PatternBudget? budget)
    {
        if (budget is null) return Truths.Of(_regex!.IsMatch(text));
        if (budget.IsSpent) return Truth.Unknown;
        var start = budget.Start();
        var truth = Truths.Of(_regex!.IsMatch(text));
        budget.Charge(start, PatternSize * text.Length);
        return truth;
    }

    private Truth Member(bool listed) => Truths.Of(listed == _op is Op.Equal or Op.In);

    // What a double can only hold as 0 is not 0: unknown.
    private static bool TryRead(JsonElement value, out double number) => value.TryGetDouble(out number) && (number != 0 || !Underflow.Hides(JsonMarshal.GetRawUtf8Value(value)));

    private static Kind? KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Kind.Text,
        JsonValueKind.Number when TryRead(value, out var number) && double.IsFinite(number) => Kind.Number,
        JsonValueKind.True or JsonValueKind.False => Kind.Flag,
        _ => null,
    };
}
