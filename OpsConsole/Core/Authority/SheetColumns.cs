using System.Collections.Frozen;

namespace OpsConsole.Core.Authority;

/// <summary>The columns of a matrix as a table, and the many ways people write their headings.</summary>
internal static class SheetColumns
{
    public const string Kind = "kind", Id = "id", Action = "action", ResourceType = "resource_type", ResourceId = "resource_id", When = "when", Outcome = "outcome", Approvers = "approvers", Effect = "effect", Consequence = "consequence",
        Classes = "classes", Reversible = "reversible", Exceptions = "exceptions", Quorum = "quorum", Order = "order", Sla = "sla", OnExpiry = "on_expiry", EscalateTo = "escalate_to", Window = "window", Confirm = "confirm", Claim = "claim",
        Hold = "hold", ValidFor = "valid_for", Note = "note", Reason = "reason";

    /// <summary>In the order in which they are written.</summary>
    public static readonly string[] All =
        [Kind, Id, Action, ResourceType, ResourceId, When, Outcome, Approvers, Effect, Consequence, Classes, Reversible, Exceptions, Quorum, Order, Sla, OnExpiry, EscalateTo, Window, Confirm, Claim, Hold, ValidFor, Note, Reason];

    /// <summary>What the first columns are where there is no heading.</summary>
    public static readonly string[] WithoutHeader = [Id, Action, When, Outcome, Approvers, Note];

    private static readonly (string Column, string Headings)[] Aliases =
    [
        (Kind, "type|row type|kind of row"),
        (Id, "rule|rule id|row|no|nr|number|#"),
        (Action, "actions|what|what it does|agent action|the agent wants to|tool|operation|call|capability"),
        (ResourceType, "resource|on|object|record|system"),
        (ResourceId, "which resource|which record"),
        (When, "condition|conditions|if|where|limit|limits|threshold"),
        (Outcome, "decision|result|authority|then|allowed|what happens|alone or approval"),
        (Approvers, "approver|approved by|who approves|who decides|approval by|human|person|people"),
        (Effect, "reads or writes|read or write|access"),
        (Consequence, "consequences|risk|severity|impact|if it goes wrong|stakes"),
        (Classes, "class|consequence class|consequence classes|touches|what it touches|at stake|what is at stake"),
        (Reversible, "can be undone|undo|undoable|reversibility|it can be undone"),
        (Exceptions, "exception|exception classes|except|unless"),
        (Quorum, "how many|approvals|how many approve|approvals needed"),
        (Order, "in order|approval order|sequence"),
        (Sla, "within|response time|answer within|time limit|deadline"),
        (OnExpiry, "if nobody answers|when it runs out|on timeout|after sla|otherwise"),
        (EscalateTo, "escalation|escalate|escalates to"),
        (Window, "undo window|undo within|reversible for"),
        (Confirm, "confirmation|must be confirmed"),
        (Claim, "claim before use|claimed before use|must be claimed"),
        (Hold, "hold back|held back|delay"),
        (ValidFor, "valid|validity|release valid for"),
        (Note, "notes|comment|comments|remark|remarks"),
        (Reason, "why|because|rationale"),
    ];

    private static readonly FrozenDictionary<string, string> ByHeading =
        All.Select(c => (Column: c, Heading: c)).Concat(Aliases.SelectMany(a => a.Headings.Split('|').Select(h => (a.Column, Heading: h))))
            .ToFrozenDictionary(a => SheetCell.Key(a.Heading), a => a.Column, StringComparer.Ordinal);

    /// <summary>The column of a heading, or null for one that nobody knows.</summary>
    public static string? Of(string heading) => ByHeading.GetValueOrDefault(SheetCell.Key(heading));

    /// <summary>Whether this row looks like headings: at least two are known, or its only one, and most of them are.</summary>
    public static bool IsHeader(IReadOnlyList<string> row)
    {
        var filled = row.Where(c => SheetCell.Key(c).Length > 0).ToList();
        var known = filled.Count(c => Of(c) is not null);
        return known >= Math.Min(2, Math.Max(1, filled.Count)) && known * 2 >= filled.Count;
    }
}
