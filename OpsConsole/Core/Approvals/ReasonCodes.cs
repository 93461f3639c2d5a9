using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Approvals;

/// <summary>Why people reject, as codes that agents can act on and reports can count. A rollout may add some of its own.</summary>
public static class ReasonCodes
{
    /// <summary>Says nothing by itself, so that words are needed with it.</summary>
    public const string Other = "other";
    /// <summary>How many codes of its own a rollout may have.</summary>
    public const int MostOwn = 20;

    public static IReadOnlyList<(string Code, string Words)> Standard { get; } =
    [
        ("wrong_target", "Wrong record or person"), ("wrong_amount", "Wrong amount or value"), ("policy", "Against policy"), ("not_needed", "Not needed"),
        ("needs_more_context", "Not enough to judge by"), ("unsafe", "Too risky"), ("duplicate", "Done already, or asked twice"), (Other, "Something else"),
    ];

    /// <summary>What a person can choose from: the rollout's own first, 'something else' last.</summary>
    public static IReadOnlyList<(string Code, string Words)> For(IReadOnlyList<string> own) => [.. own.Select(c => (c, Words(c))), .. Standard];

    /// <summary>A code in words; one that is not of the standard ones is spelled out.</summary>
    public static string Words(string code)
    {
        foreach (var (known, words) in Standard)
        {
            if (known == code) return words;
        }
        return code.Length == 0 ? "" : char.ToUpperInvariant(code[0]) + code[1..].Replace('_', ' ');
    }

    /// <summary>What is wrong with a rollout's own codes, or null.</summary>
    public static Fault? Check(IReadOnlyList<string> own)
    {
        if (own.Count > MostOwn) return Wrong($"has at most {MostOwn} codes");
        if (own.FirstOrDefault(c => !IsCode(c)) is { } odd) return Wrong($"has codes of 2 to 40 lower-case letters, digits and _, beginning with a letter; '{(odd.Length > 40 ? odd[..40] : odd)}' is none");
        if (own.FirstOrDefault(c => Standard.Any(s => s.Code == c)) is { } known) return Wrong($"need not name '{known}', which every rollout has");
        return own.Distinct().Count() < own.Count ? Wrong("names a code twice") : null;

        static Fault Wrong(string what) => Fault.Invalid("field.invalid", $"reason_codes {what}.", "reason_codes");
    }

    private static bool IsCode(string text) => text.Length is >= 2 and <= 40 && char.IsAsciiLetterLower(text[0]) && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
}
