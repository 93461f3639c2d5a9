using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>What the console knows about somebody named as an approver.</summary>
public enum ApproverStanding
{
    /// <summary>Known, and can decide in this rollout.</summary>
    Known,
    /// <summary>Known to the console, but not a member of the rollout yet.</summary>
    NotAMemberYet,
    /// <summary>Nobody of that name.</summary>
    Unknown,
}

/// <summary>One thing the analyser found.</summary>
/// <param name="Code">Stable, part of the API: <c>rule.dead</c>, <c>gap.default</c>, …</param>
/// <param name="Rule">The id of the row it is about, or null for a boundary or the whole matrix.</param>
/// <param name="OtherRule">The row that causes it, where there is one.</param>
/// <param name="Field">The path in the document, such as <c>rules[3].when[0]</c>.</param>
/// <param name="Example">A call, in the shape of an ask, that shows it; null where none could be built. Where the register describes the action's arguments, one that fits them, or the message says that it does not.</param>
public sealed record Finding(string Code, string Message, string? Rule = null, string? OtherRule = null, string? Field = null, JsonElement? Example = null);

/// <summary>What stands against publishing a matrix, and what its authors should know.</summary>
/// <param name="Coverage">The catalogue against the matrix.</param>
public sealed record MatrixAnalysis(IReadOnlyList<Finding> Errors, IReadOnlyList<Finding> Warnings, CoverageMap Coverage)
{
    /// <summary>Whether the matrix may be published.</summary>
    public bool Ok => Errors.Count == 0;
}
