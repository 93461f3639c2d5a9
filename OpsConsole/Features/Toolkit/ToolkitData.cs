using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Session;
using OpsConsole.Core.Toolkit;
using OpsConsole.Features.Decisions;
using OpsConsole.Features.Incidents;
using OpsConsole.Features.Reviews;
using OpsConsole.Features.Rollouts;
using OpsConsole.Features.Undo;

namespace OpsConsole.Features.Toolkit;

/// <summary>Everything that the documents of a rollout show: read part by part, each at least as new as the entry of the log that its version names.</summary>
/// <param name="Matrix">The version that is shown; null: the draft, because nothing is published.</param>
/// <param name="Draft">The number of the draft.</param>
/// <param name="Gates">One for each gate, A to D.</param>
/// <param name="Session">The session that is open, else the last one; null: there was none.</param>
/// <param name="Closing">What it ended with, or would end with now.</param>
/// <param name="Owners">Who holds the roles now.</param>
/// <param name="Incidents">Null where no document asked for them.</param>
public sealed record ToolkitData(string Name, string Purpose, long Draft, TimeZoneInfo Zone, RolloutEvidence Evidence, MatrixShown? Matrix, IReadOnlyList<GateShown> Gates, WorkshopSession? Session, SessionClosing Closing,
    IReadOnlyList<ClosingOwner> Owners, DataVersion Version, IncidentLog? Incidents = null)
{
    public MatrixDocument Document => Evidence.Document;

    public string NameOf(string personId) => Evidence.Directory.NameOf(personId);
}

public sealed record MatrixShown(int Number, string PublishedBy, DateTimeOffset PublishedAt, string Reason, string Sha256);

/// <param name="Record">Null while nobody touched it.</param>
/// <param name="History">Newest first.</param>
public sealed record GateShown(Gate Gate, bool InForce, GateRecord? Record, IReadOnlyList<Requirement> Criteria, IReadOnlyList<GateEventView> History);

/// <summary>Incidents of a rollout, newest first.</summary>
/// <param name="Left">So many older ones would follow: a document has room for <see cref="Most"/>.</param>
public sealed record IncidentLog(LogFilter Filter, IReadOnlyList<LoggedIncident> Incidents, int Left)
{
    public const int Most = 500;
}

/// <param name="Factors">What its review says made it possible; empty: nothing yet.</param>
/// <param name="Actions">By the day on which they are due.</param>
public sealed record LoggedIncident(Incident Incident, string Factors, IReadOnlyList<IncidentAction> Actions, IReadOnlyList<IncidentResponse> Responses);

/// <summary>All that is known of one incident.</summary>
/// <param name="Undo">Plans that belong to it, the first one first; null for a reader who was told of the incident and does not see its rollout.</param>
public sealed record IncidentFile(IncidentStory Story, ReviewView Review, IReadOnlyList<UndoPlanView>? Undo, TimeZoneInfo Zone, bool Simulated, long Log);

/// <summary>One week's review of a rollout.</summary>
public sealed record WeekFile(WeeklyReviewView View, TimeZoneInfo Zone, bool Simulated, long Log);

/// <summary>One scale memo of a rollout.</summary>
public sealed record MemoFile(ScaleMemoView View, TimeZoneInfo Zone, bool Simulated, long Log);

/// <summary>Who exports what, when: the one line of a document that differs each time.</summary>
/// <param name="Origin">Where the console is; null: not configured.</param>
public sealed record ExportLine(string Id, string By, DateTimeOffset At, long LogSequence, string? Origin);

/// <summary>How the team's documents look and what stands at their feet.</summary>
/// <param name="Logo">As a <c>data:</c> address; null: none.</param>
/// <param name="Accent">As <c>#rrggbb</c>.</param>
public sealed record Livery(string? Logo, string Accent, string Confidentiality)
{
    /// <summary>A picture as a <c>data:</c> address; null where there is none that may be drawn.</summary>
    public static string? Address(byte[]? logo) => logo is not null && Picture.TypeOf(logo, out _) is { } type ? $"data:{type};base64,{Convert.ToBase64String(logo)}" : null;
}

/// <summary>What is printed: documents of a rollout, blank or filled in, one decision's evidence, one incident's review, one week's, or a scale memo.</summary>
/// <param name="Data">Null: blank.</param>
/// <param name="GateForms">What each gate asks for, for its blank form.</param>
/// <param name="Simulated">The cases are made up by the console itself.</param>
public sealed record PrintJob(string Title, ToolkitOrder Order, ToolkitData? Data, StoryView? Decision, TimeZoneInfo Zone, Livery Livery, ExportLine Line, IReadOnlyDictionary<Gate, IReadOnlyList<string>> GateForms, bool Simulated, IncidentFile? Incident = null, WeekFile? Week = null, MemoFile? Memo = null);
