using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Authority;

/// <summary>The columns of a rule in the grid.</summary>
public enum RuleColumn { Id, Action, Resource, When, Outcome, Approvers, Answer, Stakes, Note }

/// <summary>The columns of a boundary in the grid.</summary>
public enum BoundaryColumn { Action, Resource, When, Reason }

/// <summary>
/// A row as cells that one types into. <c>Text</c> is what stands in a cell when it is opened, <c>Set</c> reads what somebody typed.
/// A text that was not changed leaves the row as it is, so looking into a cell never loses what its text cannot say.
/// </summary>
public static partial class RuleCells
{
    private const string User = "user:", Group = "group:";

    public static string Text(MatrixRule rule, RuleColumn column) => column switch
    {
        RuleColumn.Id => rule.Id,
        RuleColumn.Action => rule.Action,
        RuleColumn.Resource => ResourceText(rule.Resource),
        RuleColumn.When => ConditionText.Format(rule.When),
        RuleColumn.Outcome => MatrixWords.Of(rule.Outcome),
        RuleColumn.Approvers => ApproversText(rule),
        RuleColumn.Answer => $"{DurationText(rule.Sla)}, else {ExpiryText(rule)}",
        RuleColumn.Stakes => string.Join(", ", (string[])[MatrixWords.Effects[rule.Effect], MatrixWords.Consequences[rule.Consequence], rule.Reversible ? "reversible" : "irreversible", .. rule.Classes.Select(c => c.Replace('_', ' '))]),
        _ => rule.Note ?? "",
    };

    public static string Text(Boundary boundary, BoundaryColumn column) => column switch
    {
        BoundaryColumn.Action => boundary.Action,
        BoundaryColumn.Resource => ResourceText(boundary.Resource),
        BoundaryColumn.When => ConditionText.Format(boundary.When),
        _ => boundary.Reason,
    };

    /// <param name="knows">Who somebody means by a name or a group's name, as <c>user:…</c> or <c>group:…</c>; null when nobody is called so.</param>
    /// <returns>The changed row. Faults say what was not understood; then the row should stay as it is and the text be kept.</returns>
    public static Result<MatrixRule> Set(MatrixRule rule, RuleColumn column, string typed, Func<string, string?> knows)
    {
        var text = typed.Trim();
        if (text == Text(rule, column)) return rule;
        var changed = column switch
        {
            RuleColumn.Id => rule with { Id = text },
            RuleColumn.Action => rule with { Action = text },
            RuleColumn.Resource => Resource(text).Then<MatrixRule>(r => rule with { Resource = r.Pattern }),
            RuleColumn.When => ConditionText.Parse(text).Then<MatrixRule>(c => rule with { When = c }),
            RuleColumn.Outcome => Outcome(text).Then<MatrixRule>(o => rule with { Outcome = o }),
            RuleColumn.Approvers => Approvers(rule, text, knows),
            RuleColumn.Answer => Answer(rule, text, knows),
            RuleColumn.Stakes => Stakes(rule, text),
            _ => rule with { Note = text.Length == 0 ? null : text },
        };
        return changed.Then(Checked);
    }

    /// <summary>The rule, when a draft can hold it; only its action may still be missing.</summary>
    public static Result<MatrixRule> Checked(MatrixRule rule) => Unstorable(new MatrixDocument { Rules = [rule.Action.Length > 0 ? rule : rule with { Action = "*" }] }) is { } fault ? fault : rule;

    /// <summary>As for a rule.</summary>
    public static Result<Boundary> Set(Boundary boundary, BoundaryColumn column, string typed)
    {
        var text = typed.Trim();
        if (text == Text(boundary, column)) return boundary;
        var changed = column switch
        {
            BoundaryColumn.Action => boundary with { Action = text },
            BoundaryColumn.Resource => Resource(text).Then<Boundary>(r => boundary with { Resource = r.Pattern }),
            BoundaryColumn.When => ConditionText.Parse(text).Then<Boundary>(c => boundary with { When = c }),
            _ => boundary with { Reason = text },
        };
        return changed is { Ok: true, Value: var read } && Unstorable(new MatrixDocument { Boundaries = [read.Action.Length > 0 ? read : read with { Action = "*" }] }) is { } fault ? fault : changed;
    }

    /// <summary>The first free id of the form <c>R-1</c>, after the highest there is.</summary>
    public static string NextId(IEnumerable<MatrixRule> rules) =>
        "R-" + (rules.Select(r => r.Id.StartsWith("R-", StringComparison.Ordinal) && int.TryParse(r.Id.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0).DefaultIfEmpty(0).Max() + 1).ToString(CultureInfo.InvariantCulture);

    /// <summary>One approver as it stands in a cell: an address, or the name of a group.</summary>
    public static string Called(string approver)
    {
        var name = approver.StartsWith(User, StringComparison.Ordinal) ? approver[User.Length..] : approver.StartsWith(Group, StringComparison.Ordinal) ? approver[Group.Length..] : approver;
        var plain = name.Length > 0 && name == name.Trim() && !Separators().IsMatch(name) && !QuorumOf().IsMatch(name) && name.Contains('@') == approver.StartsWith(User, StringComparison.Ordinal);
        return plain ? name : approver;
    }

    // The reader of the wire form has the last word, so that what stands in the grid can always be saved. Only the action may still be missing: a new row has none.
    private static Fault? Unstorable(MatrixDocument document)
    {
        using var json = JsonDocument.Parse(MatrixJson.ToJson(document));
        return MatrixJson.Parse(json.RootElement).Fault is { } fault ? fault with { Message = fault.Message.Replace("rules[0].", "", StringComparison.Ordinal).Replace("boundaries[0].", "", StringComparison.Ordinal) } : null;
    }

    private static string ResourceText(ResourcePattern? resource) => resource switch
    {
        null => "",
        { Id: null } => Quoted(resource.Type ?? "any"),
        _ => $"{Quoted(resource.Type ?? "any")} {resource.Id}",
    };

    private static string Quoted(string type) => type.Any(char.IsWhiteSpace) || type.StartsWith('"') || type == "any" ? $"\"{type}\"" : type;

    private readonly record struct ResourceCell(ResourcePattern? Pattern);

    private static Result<ResourceCell> Resource(string text)
    {
        if (text.Length == 0) return new ResourceCell(null);
        var end = text.StartsWith('"') ? text.IndexOf('"', 1) : text.IndexOf(' ');
        var type = end < 0 ? text : text.StartsWith('"') ? text[1..end] : text[..end];
        var id = end < 0 ? "" : text[(end + 1)..].Trim();
        string? kind = type is "any" && !text.StartsWith('"') ? null : type;
        if (kind is null && id.Length == 0) return new ResourceCell(null);
        return new ResourceCell(new ResourcePattern(kind, id.Length == 0 ? null : id));
    }

    private static Result<RuleOutcome> Outcome(string text) => text.ToLowerInvariant() switch
    {
        "al" or "allow" or "allowed" or "alone" or "auto" or "automatic" or "yes" => RuleOutcome.Allow,
        "ap" or "approve" or "approval" or "needs approval" or "ask" or "human" or "a person" => RuleOutcome.Approve,
        "d" or "de" or "deny" or "denied" or "never" or "no" => RuleOutcome.Deny,
        _ => Wrong("The outcome is allow, approve or deny."),
    };

    private static string ApproversText(MatrixRule rule)
    {
        var inSequence = rule.Order == ApprovalOrder.Sequence && rule.Approvers.Count > 1;
        var names = string.Join(inSequence ? " then " : ", ", rule.Approvers.Select(Called));
        return rule.Quorum == (inSequence ? rule.Approvers.Count : 1) ? names : $"{rule.Quorum} of {names}".TrimEnd();
    }

    private static Result<MatrixRule> Approvers(MatrixRule rule, string text, Func<string, string?> knows)
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
    public static IReadOnlyList<string> Names(string text, Func<string, string?> knows) =>
        [.. Separators().Split(text).Select(n => n.Trim()).Where(n => n.Length > 0).Select(n =>
            n.StartsWith(User, StringComparison.Ordinal) || n.StartsWith(Group, StringComparison.Ordinal) ? n : n.Contains('@') ? User + n : knows(n) ?? Group + n)];

    private static string ExpiryText(MatrixRule rule) => rule.OnExpiry switch
    {
        OnExpiry.Deny => "denied",
        OnExpiry.Widen => "ask more people",
        _ => rule.EscalateTo.Count == 0 ? "escalate" : "escalate to " + string.Join(", ", rule.EscalateTo.Select(Called)),
    };

    private static Result<MatrixRule> Answer(MatrixRule rule, string text, Func<string, string?> knows)
    {
        if (text.Length == 0) return rule with { Sla = MatrixRule.DefaultSla, OnExpiry = OnExpiry.Deny, EscalateTo = [] };
        var cut = Else().Match(text);
        var time = cut.Success ? text[..cut.Index].Trim().TrimEnd(',').Trim() : text;
        var then = cut.Success ? text[(cut.Index + cut.Length)..].Trim() : "";
        if (time.Length > 0)
        {
            if (Duration(time) is not { } sla) return Wrong($"'{time}' is no length of time. Write 15 min, 2 h, 1 day or PT15M.");
            rule = rule with { Sla = sla };
        }
        var to = EscalateTo().Match(then);
        return then.ToLowerInvariant() switch
        {
            "" => rule,
            "deny" or "denied" or "it is denied" => rule with { OnExpiry = OnExpiry.Deny, EscalateTo = [] },
            "widen" or "ask more" or "ask more people" => rule with { OnExpiry = OnExpiry.Widen, EscalateTo = [] },
            _ when to.Success => rule with { OnExpiry = OnExpiry.Escalate, EscalateTo = Names(then[to.Length..], knows) },
            _ => Wrong($"'{then}' is not what can happen when the time is over. Write else denied, else escalate to …, or else ask more people."),
        };
    }

    private static Result<MatrixRule> Stakes(MatrixRule rule, string text)
    {
        if (text.Length == 0) return rule with { Effect = Effect.Write, Consequence = Consequence.High, Reversible = false, Classes = [] };
        rule = rule with { Classes = [] };
        foreach (var word in StakeWords().Split(text.ToLowerInvariant()).Select(w => w.Trim().Replace(' ', '_')).Where(w => w.Length > 0))
        {
            switch (word)
            {
                case "read" or "reads": rule = rule with { Effect = Effect.Read }; break;
                case "write" or "writes": rule = rule with { Effect = Effect.Write }; break;
                case "low" or "low_consequence": rule = rule with { Consequence = Consequence.Low }; break;
                case "high" or "high_consequence": rule = rule with { Consequence = Consequence.High }; break;
                case "reversible" or "can_be_undone": rule = rule with { Reversible = true }; break;
                case "irreversible" or "not_reversible" or "for_good": rule = rule with { Reversible = false }; break;
                case var c when MatrixWords.Classes.Contains(c, StringComparer.Ordinal): rule = rule with { Classes = [.. rule.Classes, c] }; break;
                default: return Wrong($"'{word.Replace('_', ' ')}' is not known here. Write read or write, low or high, reversible or irreversible, and what is touched: {string.Join(", ", MatrixWords.Classes).Replace('_', ' ')}; with commas between.");
            }
        }
        return rule;
    }

    /// <summary>A length of time as people write it, exact: <c>15 min</c>, <c>1 h 30 min</c>; in ISO 8601 where words would round it.</summary>
    public static string DurationText(TimeSpan length) => DurationWords.Of(length) is var words && Duration(words) == length ? words : IsoDuration.Write(length);

    /// <summary>Reads <c>15 min</c>, <c>2h</c>, <c>1 day 4 h</c> and ISO 8601; null when it is none.</summary>
    public static TimeSpan? Duration(string text)
    {
        if (IsoDuration.TryParse(text.ToUpperInvariant(), out var iso)) return iso;
        if (!Durations().IsMatch(text)) return null;
        var seconds = 0d;
        foreach (Match part in DurationPart().Matches(text))
            seconds += double.Parse(part.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * (char.ToLowerInvariant(part.Groups[2].Value[0]) switch { 'w' => 604_800, 'd' => 86_400, 'h' => 3_600, 'm' => 60, _ => 1 });
        return seconds < TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(seconds) : null;
    }

    private static Fault Wrong(string message) => Fault.Invalid("cell.invalid", message);

    [GeneratedRegex(@",|;|\s+then\s+|→|\r?\n", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Separators();
    [GeneratedRegex(@"\s+then\s+|→", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Then();
    [GeneratedRegex(@"^\s*(?:(?<n>[1-9]\d{0,2})|all|both)\s+of\s+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex QuorumOf();
    [GeneratedRegex(@",?\s*\b(?:or\s+)?else\b\s*(?:is\s+)?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Else();
    [GeneratedRegex(@"^(?:escalated?|ask)(?:\s+to)?(?:\s+|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex EscalateTo();
    [GeneratedRegex(@"[,;·]")]
    private static partial Regex StakeWords();
    [GeneratedRegex(@"^\s*(?:\d{1,9}\s*(?:w|weeks?|d|days?|h|hours?|hrs?|m|mins?|minutes?|s|secs?|seconds?)\s*)+$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Durations();
    [GeneratedRegex(@"(\d+)\s*([wdhms])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex DurationPart();
}
