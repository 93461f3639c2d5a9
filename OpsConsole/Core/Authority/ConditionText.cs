using System.Buffers;
using System.Text;
using System.Text.Json;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Authority;

/// <summary>
/// Conditions as people type them into a cell: <c>amount &gt; 200; any of to ends with "@acme.com"</c>. A field without a root is an argument.
/// <see cref="Format(IReadOnlyList{Condition})"/> writes a text that <see cref="Parse"/> reads back exactly, whatever the conditions are.
/// </summary>
public static class ConditionText
{
    // Longest first, so that 'not in' is not read as a field called 'not'. The first of an operator is how it is written.
    private static readonly (string Word, Op Op)[] Words =
    [
        ("is not one of", Op.NotIn), ("is none of", Op.NotIn), ("is one of", Op.In), ("not one of", Op.NotIn), ("starts with", Op.StartsWith), ("starts_with", Op.StartsWith), ("begins with", Op.StartsWith),
        ("ends with", Op.EndsWith), ("ends_with", Op.EndsWith), ("is missing", Op.Missing), ("is not given", Op.Missing), ("is not set", Op.Missing), ("is present", Op.Exists), ("is given", Op.Exists), ("is set", Op.Exists), ("is at least", Op.GreaterOrEqual), ("is at most", Op.LessOrEqual), ("is over", Op.Greater),
        ("is under", Op.Less), ("at least", Op.GreaterOrEqual), ("at most", Op.LessOrEqual), ("contains", Op.Contains), ("matches", Op.Matches), ("missing", Op.Missing), ("exists", Op.Exists), ("one of", Op.In), ("none of", Op.NotIn),
        ("not in", Op.NotIn), ("not_in", Op.NotIn), ("is not", Op.NotEqual), ("over", Op.Greater), ("under", Op.Less), ("in", Op.In), ("is", Op.Equal),
    ];

    private static readonly (string Sign, Op Op)[] Signs =
        [("!=", Op.NotEqual), ("<>", Op.NotEqual), ("==", Op.Equal), (">=", Op.GreaterOrEqual), ("<=", Op.LessOrEqual), ("≥", Op.GreaterOrEqual), ("≤", Op.LessOrEqual), ("≠", Op.NotEqual), (">", Op.Greater), ("<", Op.Less), ("=", Op.Equal)];

    private const string Arguments = "arguments.";
    private static readonly string[] Reserved = ["any", "all", "some", "every", "each", "of", "not", "is", "and", "in", "arguments", "resource", "confidence", "expected_cost", "on_behalf_of", "cost", "tokens"];

    /// <summary>All conditions in one line, separated by semicolons.</summary>
    public static string Format(IReadOnlyList<Condition> conditions) => string.Join("; ", conditions.Select(Format));

    public static string Format(Condition condition)
    {
        var text = Plain(condition);
        // What the short form cannot say (an operator without its value, a value that it should not have) is said in JSON.
        return text is not null && Read(text, "") is { Ok: true, Value: [var read] } && Json(read) == Json(condition) ? text : Json(condition);
    }

    /// <summary>Reads conditions separated by semicolons, line breaks or <c>and</c>. Faults: <c>condition.invalid</c>, whose message says which part was not understood.</summary>
    public static Result<IReadOnlyList<Condition>> Parse(string text)
    {
        var conditions = new List<Condition>();
        string? lower = null;   // the first half of 'x between 1 and 5'
        foreach (var part in Parts(text))
        {
            if (lower is null && IsOpenBetween(part))
            {
                lower = part;
                continue;
            }
            var read = Read(lower is null ? part : lower + " and " + part, part);
            if (read.Fault is { } fault) return fault;
            conditions.AddRange(read.Value);
            lower = null;
        }
        if (lower is not null) return Wrong($"'{Short(lower)}' says between what, but not up to what: amount between 100 and 500.");
        return conditions;
    }

    private static string? Plain(Condition condition)
    {
        if (condition.Op is Op.Exists or Op.Missing != condition.Value is null) return null;
        var each = condition.Each switch { Each.Any => "any of ", Each.All => "all of ", _ => "" };
        var op = Signs.FirstOrDefault(s => s.Op == condition.Op && MatrixWords.Of(condition.Op) == s.Sign).Sign ?? MatrixWords.Of(condition.Op).Replace('_', ' ');
        return $"{each}{FieldOf(condition.Field)} {op}{(condition.Value is { } value ? " " + ValueOf(value) : "")}";
    }

    private static string FieldOf(string field)
    {
        if (!field.All(IsOrdinary)) return JsonSerializer.Serialize(field, Readable);
        if (!field.StartsWith(Arguments, StringComparison.Ordinal)) return field;
        var name = field[Arguments.Length..];
        return name.Length == 0 || FieldPath.Parse(name) is not null || Reserved.Contains(name.Split('.')[0], StringComparer.OrdinalIgnoreCase) ? field : name;
    }

    private static string ValueOf(JsonElement value) => value.ValueKind == JsonValueKind.Array ? "(" + string.Join(", ", value.EnumerateArray().Select(ValueOf)) + ")"
        : value.ValueKind == JsonValueKind.String ? JsonSerializer.Serialize(value.GetString(), Readable) : value.GetRawText();

    private static readonly JsonSerializerOptions Readable = new() { Encoder = MatrixJson.Readable.Encoder };

    private static string Json(Condition condition)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, MatrixJson.Readable)) MatrixJson.WriteConditions([condition], writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan[1..^1]);   // without the brackets of the list
    }

    private static Result<IReadOnlyList<Condition>> Read(string part, string shown)
    {
        if (part.StartsWith('{')) return FromJson(part);
        var at = 0;
        var each = Quantifier(part, ref at);
        if (Field(part, ref at) is not { Length: > 0 } field) return Wrong($"'{Short(part)}' does not begin with a field, such as amount, resource.type or confidence.");
        if (char.IsAsciiDigit(field[0])) return Wrong($"'{Short(part)}' begins with a number. Write the field first: amount >= 100.");
        if (field.ToLowerInvariant() is ("cost" or "tokens") and var word)   // an argument of that name, or what the call is expected to cost: a wrong guess would be a rule that never applies
            return Wrong($"'{word}' can mean two things. Write expected_cost.{(word == "cost" ? "usd" : "tokens")} for what the call is expected to cost, or arguments.{field} for an argument of that name.");
        if (FieldPath.Parse(field) is null) field = Arguments + field;
        if (FieldPath.Parse(field) is null) return Wrong($"'{Short(field)}' is no field: write amount (or arguments.amount), resource.type, resource.id, resource.attributes.…, confidence, expected_cost.usd, expected_cost.tokens or on_behalf_of.");
        var rest = part[at..].Trim();
        if (rest.StartsWith("between ", StringComparison.OrdinalIgnoreCase)) return Between(field, each, rest[8..], shown);
        if (Operator(rest) is not var (op, length)) return Wrong($"'{Short(part)}' has no comparison: = != < <= > >=, in, not in, starts with, ends with, contains, matches, exists or missing.");
        var given = rest[length..].Trim();
        if (op is Op.Exists or Op.Missing) return given.Length == 0 ? new[] { new Condition { Field = field, Each = each, Op = op } } : Wrong($"'{Short(part)}': {MatrixWords.Of(op)} stands alone, without a value.");
        if (given.Length == 0) return Wrong($"'{Short(part)}' says what to compare, but not with what.");
        if (op is Op.Less or Op.LessOrEqual or Op.Greater or Op.GreaterOrEqual && Scalar(given) is not { ValueKind: JsonValueKind.Number })
            return Wrong($"'{Short(part)}': {MatrixWords.Of(op)} compares numbers, and '{Short(given)}' is none. Write the number alone, and its unit as a condition of its own: amount > 200; currency = EUR.");
        return Value(op, given) is { } value ? Checked(new Condition { Field = field, Each = each, Op = op, Value = value }) : Wrong($"'{Short(given)}' is no value: write a number, true, false, a text (in \"…\" where it has a comma or a semicolon), or a list (a, b).");
    }

    private static Result<IReadOnlyList<Condition>> Between(string field, Each? each, string limits, string shown)
    {
        var and = limits.IndexOf(" and ", StringComparison.OrdinalIgnoreCase);
        if (and < 0 || Scalar(limits[..and].Trim()) is not { ValueKind: JsonValueKind.Number } low || Scalar(limits[(and + 5)..].Trim()) is not { ValueKind: JsonValueKind.Number } high)
            return Wrong($"'{Short(shown)}': between needs two numbers, such as amount between 100 and 500.");
        return new[] { new Condition { Field = field, Each = each, Op = Op.GreaterOrEqual, Value = low }, new Condition { Field = field, Each = each, Op = Op.LessOrEqual, Value = high } };
    }

    private static Result<IReadOnlyList<Condition>> FromJson(string part)
    {
        try
        {
            return MatrixJson.ParseConditions(JsonElement.Parse($"[{part}]"), "when");
        }
        catch (JsonException)
        {
            return Wrong($"'{Short(part)}' begins like JSON and is none.");
        }
    }

    // The reader of the wire form has the last word: lengths, U+0000, numbers out of range.
    private static Result<IReadOnlyList<Condition>> Checked(Condition condition) => MatrixJson.ParseConditions(JsonElement.Parse($"[{Json(condition)}]"), "when") is { Fault: { } fault } ? Wrong(fault.Message) : new[] { condition };

    private static Each? Quantifier(string part, ref int at)
    {
        foreach (var (word, each) in (ReadOnlySpan<(string, Each)>)[("any of ", Each.Any), ("some of ", Each.Any), ("all of ", Each.All), ("every one of ", Each.All), ("each of ", Each.All), ("every ", Each.All), ("any ", Each.Any), ("all ", Each.All), ("each ", Each.All)])
        {
            if (!part.StartsWith(word, StringComparison.OrdinalIgnoreCase)) continue;
            at = word.Length;
            return each;
        }
        return null;
    }

    private static string? Field(string part, ref int at)
    {
        while (at < part.Length && part[at] == ' ') at++;
        var start = at;
        if (at < part.Length && part[at] == '"')
        {
            at = EndOfText(part, at);
            return Scalar(part[start..at]) is { ValueKind: JsonValueKind.String } quoted ? quoted.GetString() : null;
        }
        while (at < part.Length && IsOrdinary(part[at])) at++;
        return at == start ? null : part[start..at];
    }

    private static (Op Op, int Length)? Operator(string rest)
    {
        foreach (var (sign, op) in Signs)
        {
            if (rest.StartsWith(sign, StringComparison.Ordinal)) return (op, sign.Length);
        }
        foreach (var (word, op) in Words)
        {
            if (rest.StartsWith(word, StringComparison.OrdinalIgnoreCase) && (rest.Length == word.Length || !IsOrdinary(rest[word.Length]))) return (op, word.Length);
        }
        return null;
    }

    private static JsonElement? Value(Op op, string given)
    {
        if (op is not (Op.In or Op.NotIn)) return Scalar(given);
        if (given.StartsWith('[')) return Scalar(given) is { ValueKind: JsonValueKind.Array } json ? json : null;
        if (given.StartsWith('(') && given.EndsWith(')')) given = given[1..^1];
        var items = Cut(given, (text, at) => text[at] == ',' ? 1 : 0).Select(Scalar).ToList();
        return items.Contains(null) ? null : JsonElement.Parse("[" + string.Join(',', items.Select(i => i!.Value.GetRawText())) + "]");
    }

    // A number, true, false, a quoted text or list in JSON; anything else is the text itself.
    private static JsonElement? Scalar(string text)
    {
        if (text.Length == 0) return null;
        if (text[0] is '"' or '[' || text is "true" or "false" || text[0] is '-' || char.IsAsciiDigit(text[0]))
        {
            try
            {
                return JsonElement.Parse(text);
            }
            catch (JsonException)
            {
                if (text[0] is '"' or '[') return null;
            }
        }
        return text.Contains('"') ? null : JsonSerializer.SerializeToElement(text);
    }

    private static bool IsOpenBetween(string part) => part.Contains(" between ", StringComparison.OrdinalIgnoreCase) && !part.Contains('"') && !part.Contains(" and ", StringComparison.OrdinalIgnoreCase);

    private static List<string> Parts(string text) => Cut(text, (t, at) =>
        t[at] is ';' or '\n' or '\r' ? 1 : at + 5 <= t.Length && t.AsSpan(at, 5).Equals(" and ", StringComparison.OrdinalIgnoreCase) ? 5 : 0);

    // Cuts outside of quotes and brackets; what is empty is no part.
    private static List<string> Cut(string text, Func<string, int, int> separator)
    {
        var parts = new List<string>();
        var (start, at, depth) = (0, 0, 0);
        while (at < text.Length)
        {
            if (text[at] == '"')
            {
                at = EndOfText(text, at);
                continue;
            }
            if (text[at] is '(' or '[' or '{') depth++;
            if (text[at] is ')' or ']' or '}' && depth > 0) depth--;
            var length = depth == 0 ? separator(text, at) : 0;
            if (length > 0)
            {
                parts.Add(text[start..at].Trim());
                start = at + length;
            }
            at += Math.Max(1, length);
        }
        parts.Add(text[start..].Trim());
        return [.. parts.Where(p => p.Length > 0)];
    }

    private static int EndOfText(string text, int at)
    {
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\') at++;
        }
        return Math.Min(text.Length, at + 1);
    }

    private static bool IsOrdinary(char c) => char.IsLetterOrDigit(c) || c is '_' or '.' or '-' or '$' or '@' or '/';

    private static string Short(string text) => text.Length <= 60 ? text : text[..60] + "…";

    private static Fault Wrong(string message) => Fault.Invalid("condition.invalid", message, "when");
}
