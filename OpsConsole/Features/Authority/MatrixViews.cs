using System.Text.Json;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority;

/// <summary>The draft as it is stored, and the number its ETag shows; and which catalogue and examples stand beside it.</summary>
public sealed record MatrixDraft(string Json, long Version, long CatalogueVersion, long ExamplesVersion = 1)
{
    public string ETag => $"\"v{Version}\"";
}

/// <summary>One thing the analyser found.</summary>
public sealed record FindingView(string Code, string Message, string? Rule, string? OtherRule, string? Field, JsonElement? Example);

/// <summary>What stands against publishing a matrix, and what its authors should know.</summary>
public sealed record AnalysisView(IReadOnlyList<FindingView> Errors, IReadOnlyList<FindingView> Warnings)
{
    /// <summary>The catalogue against the matrix, for pages; null where nothing was analysed.</summary>
    internal CoverageMap? Coverage { get; private init; }

    internal static AnalysisView Of(MatrixAnalysis analysis) => new([.. analysis.Errors.Select(View)], [.. analysis.Warnings.Select(View)]) { Coverage = analysis.Coverage };
    private static FindingView View(Finding f) => new(f.Code, f.Message, f.Rule, f.OtherRule, f.Field, f.Example);
}

/// <summary>A published matrix without its document.</summary>
/// <param name="ProposedBy">Who proposed it, where a second person had to publish it.</param>
public sealed record VersionRow(int Version, DateTimeOffset PublishedAt, string PublishedBy, string PublishedByName, string Reason, string Sha256, int Rules, int Boundaries, bool InForce, string? ProposedBy = null, string? ProposedByName = null);

/// <summary>A published matrix.</summary>
public sealed record VersionView(int Version, DateTimeOffset PublishedAt, string PublishedBy, string PublishedByName, string Reason, string Sha256, bool InForce, JsonElement Matrix, string? ProposedBy = null, string? ProposedByName = null);

/// <summary>What <c>POST publish</c> answers: in force, or (then <paramref name="Proposed"/> is the answer) waiting for a second person.</summary>
/// <param name="Version">0 while it is only proposed.</param>
/// <param name="Status"><c>published</c> or <c>proposed</c>.</param>
public sealed record PublishedView(int Version, DateTimeOffset PublishedAt, string Sha256, IReadOnlyList<FindingView> Warnings, string Status = "published", [property: System.Text.Json.Serialization.JsonIgnore] ProposedView? Proposed = null);

/// <summary><c>POST rollouts/{id}/matrix/publish</c>.</summary>
public sealed record PublishRequest(string Reason)
{
    public const int MaxReason = 2_000;
    internal static PublishRequest Read(Fields fields) => new(fields.Text("reason", required: true) ?? "");

    /// <summary>What is wrong with it, or null; the service asks.</summary>
    internal Fault? Check() => TextRules.Wrong("reason", Reason, MaxReason, required: true);
}

/// <summary>Everything that the matrix page shows.</summary>
/// <param name="Document">The draft as it was parsed; the same object as long as it is the same version.</param>
/// <param name="InForce">The version that is the same as the draft, or null.</param>
/// <param name="Proposal">Somebody proposed the draft as it stands; null when nobody did, or nobody has to.</param>
/// <param name="SecondPublisher">Publishing takes two people.</param>
public sealed record MatrixPageView(string RolloutName, MatrixDraft Draft, MatrixDocument Document, AnalysisView Analysis, IReadOnlyList<VersionRow> Versions, int? InForce, bool MayEdit, bool MayPublish, ProposalView? Proposal = null, bool SecondPublisher = false);
