using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Session;
using OpsConsole.Core.Toolkit;
using OpsConsole.Features.Decisions;
using OpsConsole.Features.Rollouts;

namespace OpsConsole.Features.Toolkit;

/// <summary>Everything that the documents of a rollout show, as of one moment.</summary>
/// <param name="Matrix">The version that is shown; null: the draft, because nothing is published.</param>
/// <param name="Gates">One for each gate, A to D.</param>
/// <param name="Session">The session that is open, else the last one; null: there was none.</param>
/// <param name="Closing">What it ended with, or would end with now.</param>
/// <param name="Owners">Who holds the roles now.</param>
public sealed record ToolkitData(string Name, string Purpose, TimeZoneInfo Zone, RolloutEvidence Evidence, MatrixShown? Matrix, IReadOnlyList<GateShown> Gates, WorkshopSession? Session, SessionClosing Closing,
    IReadOnlyList<ClosingOwner> Owners, DataVersion Version)
{
    public MatrixDocument Document => Evidence.Document;

    public string NameOf(string personId) => Evidence.Directory.NameOf(personId);
}

public sealed record MatrixShown(int Number, string PublishedBy, DateTimeOffset PublishedAt, string Reason, string Sha256);

/// <param name="Record">Null while nobody touched it.</param>
/// <param name="History">Newest first.</param>
public sealed record GateShown(Gate Gate, bool InForce, GateRecord? Record, IReadOnlyList<Requirement> Criteria, IReadOnlyList<GateEventView> History);

/// <summary>Who exports what, when: the one line of a document that differs each time.</summary>
public sealed record ExportLine(string Id, string By, DateTimeOffset At, long LogSequence);

/// <summary>How the team's documents look and what stands at their feet.</summary>
/// <param name="Logo">As a <c>data:</c> address; null: none.</param>
/// <param name="Accent">As <c>#rrggbb</c>.</param>
public sealed record Livery(string? Logo, string Accent, string Confidentiality);

/// <summary>What is printed: documents of a rollout, blank or filled in, or one decision's evidence.</summary>
/// <param name="Data">Null: blank.</param>
public sealed record PrintJob(string Title, ToolkitOrder Order, ToolkitData? Data, StoryView? Decision, TimeZoneInfo Zone, Livery Livery, ExportLine Line);
