namespace OpsConsole.Core.Authority;

/// <summary>A boundary or a rule, ready to be asked about calls whose action it covers.</summary>
internal sealed class CompiledRow
{
    private CompiledRow(int index, string action, ResourcePattern? resource, IReadOnlyList<Condition> when)
    {
        Index = index;
        IsWellFormedAction = ActionPattern.TryParse(action, out var pattern);
        Pattern = pattern;
        Resource = resource;
        Conditions = CompiledCondition.Compile(when);
    }

    public CompiledRow(int index, MatrixRule rule) : this(index, rule.Action, rule.Resource, rule.When) => Rule = rule;

    public CompiledRow(int index, Boundary boundary) : this(index, boundary.Action, boundary.Resource, boundary.When) => Boundary = boundary;

    /// <summary>The place among the rules, or among the boundaries.</summary>
    public int Index { get; }
    public MatrixRule? Rule { get; }
    public Boundary? Boundary { get; }
    public ActionPattern Pattern { get; }
    public bool IsWellFormedAction { get; }
    public ResourcePattern? Resource { get; }
    public CompiledCondition[] Conditions { get; }
    /// <summary>Whether the row holds calls back; then it also matches what it cannot read.</summary>
    public bool IsGuard => Rule is not { Outcome: RuleOutcome.Allow };
    public bool IsUnconditional => Conditions.Length == 0 && Resource is null or { Type: null, Id: null };

    public bool Matches(Truth truth) => truth == Truth.True || (truth == Truth.Unknown && IsGuard);

    public Truth Test(in PolicyCall call) => Authority.Conditions.AllOf(Conditions, TestResource(call), call);

    public Truth TestResource(in PolicyCall call) => Resource is null ? Truth.True
        : Truths.And(Part(Resource.Type, call.ResourceType, StringComparison.OrdinalIgnoreCase), Part(Resource.Id, call.ResourceId, StringComparison.Ordinal));

    private static Truth Part(string? wanted, string? given, StringComparison comparison) =>
        wanted is null ? Truth.True
        : given is null ? Truth.Unknown
        : Truths.Of(wanted == "*" || string.Equals(wanted, given, comparison));
}
