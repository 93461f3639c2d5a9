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
    public static string Text(MatrixRule rule, RuleColumn column) => column switch
    {
        RuleColumn.Id => rule.Id,
        RuleColumn.Action => rule.Action,
        RuleColumn.Resource => ResourceText(rule.Resource),
        RuleColumn.When => ConditionText.Format(rule.When),
        RuleColumn.Outcome => MatrixWords.Of(rule.Outcome),
        RuleColumn.Approvers => ApproverCells.Text(rule),
        RuleColumn.Answer => $"{LengthOfTime.Text(rule.Sla)}, else {ExpiryText(rule)}",
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
            RuleColumn.Approvers => ApproverCells.Set(rule, text, knows),
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

    private static Result<RuleOutcome> Outcome(string text) => SheetWords.Outcomes.TryRead(text, out var outcome) ? outcome : Wrong("The outcome is allow, approve or deny.");

    private static string ExpiryText(MatrixRule rule) => rule.OnExpiry switch
    {
        OnExpiry.Deny => "denied",
        OnExpiry.Widen => "ask more people",
        _ => rule.EscalateTo.Count == 0 ? "escalate" : "escalate to " + string.Join(", ", rule.EscalateTo.Select(ApproverCells.Called)),
    };

    private static Result<MatrixRule> Answer(MatrixRule rule, string text, Func<string, string?> knows)
    {
        if (text.Length == 0) return rule with { Sla = MatrixRule.DefaultSla, OnExpiry = OnExpiry.Deny, EscalateTo = StillTo(rule, OnExpiry.Deny) };
        var cut = Else().Match(text);
        var time = cut.Success ? text[..cut.Index].Trim().TrimEnd(',').Trim() : text;
        var then = cut.Success ? text[(cut.Index + cut.Length)..].Trim() : "";
        if (time.Length > 0)
        {
            if (LengthOfTime.Read(time) is not { } sla) return Wrong($"'{time}' is no length of time. Write 15 min, 2 h, 1 day or PT15M.");
            rule = rule with { Sla = sla };
        }
        var to = EscalateTo().Match(then);
        if (then.Length == 0) return rule;
        if (SheetWords.Expiries.TryRead(then, out var expiry)) return rule with { OnExpiry = expiry, EscalateTo = StillTo(rule, expiry) };
        if (to.Success) return rule with { OnExpiry = OnExpiry.Escalate, EscalateTo = ApproverCells.Names(then[to.Length..], knows) };
        return Wrong($"'{then}' is not what can happen when the time is over. Write else denied, else escalate to …, or else ask more people.");
    }

    // The cell names them only where it escalates, and then whoever is not named is not meant; elsewhere they stand unseen, and stay as long as what they belong to.
    private static IReadOnlyList<string> StillTo(MatrixRule rule, OnExpiry expiry) => expiry == rule.OnExpiry && expiry != OnExpiry.Escalate ? rule.EscalateTo : [];

    private static Result<MatrixRule> Stakes(MatrixRule rule, string text)
    {
        if (text.Length == 0) return rule with { Effect = Effect.Write, Consequence = Consequence.High, Reversible = false, Classes = [] };
        rule = rule with { Classes = [] };
        foreach (var word in StakeWords().Split(text).Select(w => w.Trim()).Where(w => w.Length > 0))
        {
            if (SheetWords.Effects.TryRead(word, out var effect)) rule = rule with { Effect = effect };
            else if (SheetWords.Consequences.TryRead(word, out var consequence)) rule = rule with { Consequence = consequence };
            else if (SheetWords.Undo.TryRead(word, out var undo)) rule = rule with { Reversible = undo == SheetWords.Flag.Yes };
            else if (word.ToLowerInvariant().Replace(' ', '_') is var known && MatrixWords.Classes.Contains(known, StringComparer.Ordinal)) rule = rule with { Classes = [.. rule.Classes, known] };
            else return Wrong($"'{word}' is not known here. Write read or write, low or high, reversible or irreversible, and what is touched: {string.Join(", ", MatrixWords.Classes).Replace('_', ' ')}; with commas between.");
        }
        return rule;
    }

    private static Fault Wrong(string message) => Fault.Invalid("cell.invalid", message);

    [GeneratedRegex(@",?\s*\b(?:or\s+)?else\b\s*(?:is\s+)?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Else();
    [GeneratedRegex(@"^(?:escalated?|ask)(?:\s+to)?(?:\s+|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex EscalateTo();
    [GeneratedRegex(@"[,;·]")]
    private static partial Regex StakeWords();
}
