using System.Globalization;
using System.Text.RegularExpressions;
using OpsConsole.Core.Access;

namespace OpsConsole.Core.Authority;

/// <summary>Approvers as people write them into a cell: <c>leads, dana@example.com</c>, <c>2 of leads, finance</c>, <c>leads then finance</c>. Typed and pasted cells are read alike.</summary>
public static partial class ApproverCells
{
    /// <summary>Who decides about a rule, and how many of them.</summary>
    public static string Text(MatrixRule rule)
    {
        var inSequence = rule.Order == ApprovalOrder.Sequence && rule.Approvers.Count > 1;
        var names = string.Join(inSequence ? " then " : ", ", rule.Approvers.Select(Called));
        return rule.Quorum == (inSequence ? rule.Approvers.Count : 1) ? names : $"{rule.Quorum} of {names}".TrimEnd();
    }

    /// <param name="knows">Who somebody means by a name, as <see cref="RuleCells.Set(MatrixRule, RuleColumn, string, Func{string, string})"/> has it.</param>
    public static MatrixRule Set(MatrixRule rule, string text, Func<string, string?> knows)
    {
        var quorum = QuorumOf().Match(text);
        var inSequence = Then().IsMatch(text);
        var names = Names(quorum.Success ? text[quorum.Length..] : text, knows);
        return rule with
        {
            Approvers = names,
            Order = names.Count > 1 ? inSequence ? ApprovalOrder.Sequence : ApprovalOrder.Any : rule.Order,
            Quorum = quorum.Groups["n"] is { Success: true } n ? int.Parse(n.ValueSpan, CultureInfo.InvariantCulture) : quorum.Success || inSequence ? Math.Max(1, names.Count) : 1,
        };
    }

    /// <summary>Who is named in a text: addresses, names and groups, with commas between.</summary>
    public static IReadOnlyList<string> Names(string text, Func<string, string?> knows) => [.. Separators().Split(text).Select(n => n.Trim()).Where(n => n.Length > 0).Select(n => Name(n, knows))];

    /// <summary>One of them: <c>user:…</c>, <c>group:…</c> and addresses as they are, who is known by the name, else a group.</summary>
    public static string Name(string item, Func<string, string?> knows)
    {
        var colon = item.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0 && SheetCell.Key(item[..colon]) is ("user" or "group") and var kind) return $"{kind}:{item[(colon + 1)..].Trim()}";
        return item.Contains('@', StringComparison.Ordinal) ? ApproverEntry.User + item : knows(item) ?? ApproverEntry.Group + item;
    }

    /// <summary>One approver as it stands in a cell: an address, or the name of a group.</summary>
    public static string Called(string approver)
    {
        var name = ApproverEntry.Bare(approver);
        var plain = name.Length > 0 && name == name.Trim() && !IsSeveral(name) && !name.Contains(':') && name.Contains('@') == ApproverEntry.IsUser(approver);
        return plain ? name : approver;
    }

    /// <summary>Whether a text would be read as more than one name.</summary>
    internal static bool IsSeveral(string text) => Separators().IsMatch(text) || QuorumOf().IsMatch(text);

    [GeneratedRegex(@",|;|\s+then\s+|→|\r?\n", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Separators();
    [GeneratedRegex(@"\s+then\s+|→", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Then();
    [GeneratedRegex(@"^\s*(?:(?<n>[1-9]\d{0,2})|all|both)\s+of\s+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex QuorumOf();
}
