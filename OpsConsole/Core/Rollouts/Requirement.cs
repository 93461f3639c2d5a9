using OpsConsole.Core.Access;

namespace OpsConsole.Core.Rollouts;

/// <summary>One thing that must be so before a step is done or a gate is passed, with what the console found.</summary>
/// <param name="Evidence">What the console looked at, in words.</param>
public sealed record Requirement(string Id, string Text, bool Met, string Evidence)
{
    /// <summary>Where it is looked at and mended, below the rollout's page: <c>matrix</c>, <c>worksheets/canvas#f-canvas-output</c>; empty on that page itself.</summary>
    public string Place { get; init; } = "";
    /// <summary>Who can meet it.</summary>
    public IReadOnlyList<RolloutRole> Who { get; init; } = [];
    /// <summary>The subject of <see cref="ConfirmationRules"/> where people meet it by name, else null.</summary>
    public string? Confirm { get; init; }
    /// <summary>The address of a record of the console that shows it, for whoever confirms it by name; null: there is none.</summary>
    public string? Record { get; init; }
    /// <summary>
    /// Whether what a gate rests on is still there, even where somebody is just working on it: a worksheet that is being rewritten keeps it, an owner who left does not.
    /// A passed gate whose criterion was met and no longer holds falls.
    /// </summary>
    public bool Holds { get; init; } = true;
    /// <summary>Left out by name when its gate was passed.</summary>
    public bool Waived { get; init; }
}

/// <summary>A step of the six: done when everything it requires is so.</summary>
public sealed record StepStanding(int Number, IReadOnlyList<Requirement> Requirements)
{
    public bool Done => Requirements.All(r => r.Met);
}
