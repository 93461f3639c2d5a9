using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>What happens to a call that no row matches.</summary>
public enum DefaultOutcome { Deny, Approve }

/// <summary>What a rule says about the calls it matches. Strictness: deny, then approve, then allow.</summary>
public enum RuleOutcome { Allow, Approve, Deny }

/// <summary>Whether the action only looks or also changes something.</summary>
public enum Effect { Read, Write }

/// <summary>How much a wrong call would cost.</summary>
public enum Consequence { Low, High }

/// <summary>Whether approvers are asked at the same time or one after another.</summary>
public enum ApprovalOrder { Any, Sequence }

/// <summary>What happens when nobody answered within the rule's SLA.</summary>
public enum OnExpiry { Deny, Escalate, Widen }

/// <summary>Whether somebody must confirm a provisional action before its window ends.</summary>
public enum Confirm { None, Required }

/// <summary>How a condition reads an array: some element, or every element.</summary>
public enum Each { Any, All }

/// <summary>The operators of a condition; the wire spelling is in <see cref="MatrixWords"/>.</summary>
public enum Op
{
    Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, In, NotIn,
    StartsWith, EndsWith, Contains, Matches, Exists, Missing,
}

/// <summary>One condition on a call. <see cref="Value"/> is a text, a number, true/false or a list of these; null for exists and missing.</summary>
public sealed record Condition
{
    public required string Field { get; init; }
    public Each? Each { get; init; }
    public required Op Op { get; init; }
    public JsonElement? Value { get; init; }
}

/// <summary>Which resources a row is about. The type is compared without case, the id exactly; <c>*</c> is any that is present; null is no demand.</summary>
public sealed record ResourcePattern(string? Type, string? Id = null);

/// <summary>What is out of bounds whatever the rules say. Looked at before every rule.</summary>
public sealed record Boundary
{
    public required string Action { get; init; }
    public ResourcePattern? Resource { get; init; }
    public IReadOnlyList<Condition> When { get; init; } = [];
    public string Reason { get; init; } = "";
}

/// <summary>One row of the matrix. Defaults are those of the wire format, so a row that says little is a careful one.</summary>
public sealed record MatrixRule
{
    /// <summary>How long an approval may take unless the row says otherwise.</summary>
    public static readonly TimeSpan DefaultSla = TimeSpan.FromHours(1);
    /// <summary>How long an allowed write may be taken back unless the row says otherwise.</summary>
    public static readonly TimeSpan DefaultWindow = TimeSpan.FromHours(24);
    /// <summary>How long a release may be used unless the row says otherwise.</summary>
    public static readonly TimeSpan DefaultValidFor = TimeSpan.FromMinutes(5);

    public required string Id { get; init; }
    /// <summary>Exact, or with a trailing <c>.*</c> for any depth, or <c>*</c>. Compared without case.</summary>
    public required string Action { get; init; }
    public ResourcePattern? Resource { get; init; }
    /// <summary>All of these must hold; none means always.</summary>
    public IReadOnlyList<Condition> When { get; init; } = [];
    public Effect Effect { get; init; } = Effect.Write;
    public Consequence Consequence { get; init; } = Consequence.High;
    /// <summary>What is at stake: any of <see cref="MatrixWords.Classes"/>.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];
    public bool Reversible { get; init; }
    public IReadOnlyList<string> Exceptions { get; init; } = [];
    public required RuleOutcome Outcome { get; init; }
    /// <summary><c>user:email</c> or <c>group:name</c>, in the order they are asked.</summary>
    public IReadOnlyList<string> Approvers { get; init; } = [];
    public int Quorum { get; init; } = 1;
    public ApprovalOrder Order { get; init; }
    /// <summary>At least one second.</summary>
    public TimeSpan Sla { get; init; } = DefaultSla;
    public OnExpiry OnExpiry { get; init; }
    public IReadOnlyList<string> EscalateTo { get; init; } = [];
    /// <summary>How long a provisional action can still be undone.</summary>
    public TimeSpan Window { get; init; } = DefaultWindow;
    public Confirm Confirm { get; init; }
    /// <summary>Nothing that it lets an agent write stays by silence.</summary>
    public bool MustBeConfirmed => Confirm == Confirm.Required && Effect == Effect.Write;
    /// <summary>Whether the agent must claim a release before it acts.</summary>
    public bool Claim { get; init; }
    /// <summary>How long a decision can be taken back before it is released; null is not at all.</summary>
    public TimeSpan? Hold { get; init; }
    /// <summary>How long a release may be used.</summary>
    public TimeSpan ValidFor { get; init; } = DefaultValidFor;
    public string? Note { get; init; }
}

/// <summary>An authority matrix as people write it: boundaries first, then rules; the first rule that matches decides.</summary>
/// <remarks>Lists compare by reference, as records do; compare two documents by <see cref="MatrixJson.ToJson"/>.</remarks>
public sealed record MatrixDocument
{
    public static MatrixDocument Empty { get; } = new();

    public DefaultOutcome Default { get; init; }
    public IReadOnlyList<Boundary> Boundaries { get; init; } = [];
    public IReadOnlyList<MatrixRule> Rules { get; init; } = [];
}
