using System.Globalization;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>One condition while it is put together.</summary>
public sealed class ConditionLine
{
    /// <summary>What the builder offers, in the words that <see cref="ConditionText"/> reads.</summary>
    public static readonly IReadOnlyList<(string Word, string Label)> Comparisons =
    [
        ("=", "is"), ("!=", "is not"), (">", "is over"), (">=", "is at least"), ("<", "is under"), ("<=", "is at most"), ("between", "is between … and …"), ("in", "is one of"), ("not in", "is none of"),
        ("starts with", "starts with"), ("ends with", "ends with"), ("contains", "contains"), ("matches", "matches the pattern"), ("exists", "is given"), ("missing", "is not given"),
    ];

    public string Field { get; set; } = "";
    /// <summary>Empty, <c>any of</c> or <c>all of</c>.</summary>
    public string Each { get; set; } = "";
    public string Comparison { get; set; } = ">";
    public string Value { get; set; } = "";
    /// <summary>The condition as text where the boxes cannot hold it; else null.</summary>
    public string? Whole { get; set; }

    private bool _stood;

    /// <summary>It was just added and nothing was entered: the only line that may be left out.</summary>
    private bool Untouched => !_stood && Whole is null && Each.Length == 0 && Comparison == ">" && string.IsNullOrWhiteSpace(Field) && string.IsNullOrWhiteSpace(Value);
    /// <summary>Only what to compare with is still to come.</summary>
    public bool Unfinished => Whole is null && TakesValue && !string.IsNullOrWhiteSpace(Field) && string.IsNullOrWhiteSpace(Value);
    public bool TakesValue => Comparison is not ("exists" or "missing");
    public string Text => Whole ?? $"{Each} {Field} {Comparison} {(TakesValue ? Value : "")}".Trim();

    public static ConditionLine Of(Condition condition)
    {
        var whole = ConditionText.Format(condition);
        var line = new ConditionLine { _stood = true, Each = condition.Each switch { Core.Authority.Each.Any => "any of", Core.Authority.Each.All => "all of", _ => "" }, Comparison = MatrixWords.Of(condition.Op).Replace('_', ' ') };
        var rest = whole[(line.Each.Length > 0 && whole.StartsWith(line.Each, StringComparison.Ordinal) ? line.Each.Length + 1 : 0)..];
        var at = rest.IndexOf(" " + line.Comparison, StringComparison.Ordinal);
        if (whole.StartsWith('{') || at < 0) return new ConditionLine { _stood = true, Whole = whole };
        (line.Field, line.Value) = (rest[..at], rest[(at + 1 + line.Comparison.Length)..].Trim());
        return ConditionText.Parse(line.Text) is { Ok: true, Value: [var read] } && ConditionText.Format(read) == whole ? line : new ConditionLine { _stood = true, Whole = whole };
    }

    /// <summary>What the line says. It is never passed over in silence, because a row that lost a condition covers more calls: none comes only from a line that was just added.</summary>
    /// <param name="number">Which line it is, for the faults.</param>
    public Result<IReadOnlyList<Condition>> Read(int number)
    {
        if (Untouched) return Array.Empty<Condition>();
        if (Whole is null && string.IsNullOrWhiteSpace(Field)) return Fault.Invalid("cell.invalid", $"Condition {number} has no field. Write what it looks at, such as amount, or remove the condition.");
        var read = ConditionText.Parse(Text);
        return read is { Ok: true, Value.Count: 0 } ? Fault.Invalid("cell.invalid", $"Condition {number} is empty. Write it anew, or remove it.") : read;
    }
}

/// <summary>A row in full while it is filled in: everything that a rule can say.</summary>
public sealed class RuleForm
{
    private readonly MatrixRule _rule;

    public RuleForm(MatrixRule rule)
    {
        _rule = rule;
        (Id, Action, Resource, Outcome, Effect, Consequence, Reversible) = (rule.Id, rule.Action, RuleCells.Text(rule, RuleColumn.Resource), rule.Outcome, rule.Effect, rule.Consequence, rule.Reversible);
        When = [.. rule.When.Select(ConditionLine.Of)];
        (Approvers, EscalateTo, Classes) = ([.. rule.Approvers], Names(rule.EscalateTo), new(rule.Classes, StringComparer.Ordinal));
        (Quorum, Order, OnExpiry, Confirm, Claim) = (rule.Quorum, rule.Order, rule.OnExpiry, rule.Confirm, rule.Claim);
        (Sla, Window, ValidFor, Hold) = (LengthOfTime.Text(rule.Sla), LengthOfTime.Text(rule.Window), LengthOfTime.Text(rule.ValidFor), rule.Hold is { } hold ? LengthOfTime.Text(hold) : "");
        (Exceptions, Note) = (string.Join(", ", rule.Exceptions), rule.Note);
    }

    public string Id { get; set; }
    public string Action { get; set; }
    public string Resource { get; set; }
    public List<ConditionLine> When { get; }
    public RuleOutcome Outcome { get; set; }
    public List<string> Approvers { get; }
    public int Quorum { get; set; }
    public ApprovalOrder Order { get; set; }
    public string Sla { get; set; }
    public OnExpiry OnExpiry { get; set; }
    public string EscalateTo { get; set; }
    /// <summary>Whether somebody to escalate to can be named: always where it escalates, else where the row names somebody, who is asked when nobody else may decide.</summary>
    public bool NamesEscalateTo => OnExpiry == OnExpiry.Escalate || (OnExpiry == _rule.OnExpiry && _rule.EscalateTo.Count > 0);
    public Effect Effect { get; set; }
    public Consequence Consequence { get; set; }
    public bool Reversible { get; set; }
    public HashSet<string> Classes { get; }
    public string Window { get; set; }
    public string ValidFor { get; set; }
    public string Hold { get; set; }
    public Confirm Confirm { get; set; }
    public bool Claim { get; set; }
    public string Exceptions { get; set; }
    public string? Note { get; set; }

    /// <summary>The rule as it is filled in. Faults say which box was not understood.</summary>
    public Result<MatrixRule> Read(Func<string, string?> knows)
    {
        var conditions = new List<Condition>();
        foreach (var (i, line) in When.Index())
        {
            var read = line.Read(i + 1);
            if (read.Fault is { } wrong) return wrong;
            conditions.AddRange(read.Value);
        }
        if (Length(Sla, "The time to answer", out var sla) is { } noSla) return noSla;
        if (Length(Window, "The window for undoing", out var window) is { } noWindow) return noWindow;
        if (Length(ValidFor, "The time a release is valid", out var validFor) is { } noValid) return noValid;
        var hold = TimeSpan.Zero;
        if (Hold.Trim().Length > 0 && Length(Hold, "The time it is held back", out hold) is { } noHold) return noHold;
        var rule = _rule with
        {
            When = Same(conditions, _rule.When) ? _rule.When : conditions, Outcome = Outcome, Approvers = [.. Approvers], Quorum = Quorum, Order = Order, Sla = sla, OnExpiry = OnExpiry,
            Effect = Effect, Consequence = Consequence, Reversible = Reversible, Classes = [.. MatrixWords.Classes.Where(Classes.Contains)], Window = window, ValidFor = validFor,
            Hold = Hold.Trim().Length == 0 ? null : hold, Confirm = Confirm, Claim = Claim, Exceptions = Exceptions == string.Join(", ", _rule.Exceptions) ? _rule.Exceptions : [.. Exceptions.Split([',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)], Note = string.IsNullOrWhiteSpace(Note) ? null : Note.Trim(),
        };
        rule = rule with { EscalateTo = !NamesEscalateTo ? [] : EscalateTo == Names(_rule.EscalateTo) ? _rule.EscalateTo : ApproverCells.Names(EscalateTo, knows) };
        foreach (var (column, text) in (ReadOnlySpan<(RuleColumn, string)>)[(RuleColumn.Resource, Resource), (RuleColumn.Action, Action), (RuleColumn.Id, Id)])
        {
            var set = RuleCells.Set(rule, column, text, knows);
            if (set.Fault is { } wrong) return wrong;
            rule = set.Value;
        }
        return RuleCells.Checked(rule);
    }

    private static Fault? Length(string text, string what, out TimeSpan length)
    {
        length = LengthOfTime.Read(text.Trim()) ?? TimeSpan.Zero;
        return LengthOfTime.Read(text.Trim()) is null ? Fault.Invalid("cell.invalid", string.Create(CultureInfo.InvariantCulture, $"{what}: '{text}' is no length of time. Write 15 min, 2 h or 1 day.")) : null;
    }

    private static string Names(IReadOnlyList<string> approvers) => string.Join(", ", approvers.Select(ApproverCells.Called));

    private static bool Same(IReadOnlyList<Condition> a, IReadOnlyList<Condition> b) => ConditionText.Format(a) == ConditionText.Format(b);
}
