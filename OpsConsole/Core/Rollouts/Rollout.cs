using OpsConsole.Core.Access;
using OpsConsole.Core.Reviews;

namespace OpsConsole.Core.Rollouts;

/// <summary>One narrow workflow with clear boundaries, the agents that do it and the people who answer for it.</summary>
public sealed class Rollout
{
    private Rollout() { }
    public Rollout(string id, string name, string purpose, string timeZone, DateTimeOffset createdAt, string createdBy)
        => (Id, Name, Purpose, TimeZone, CreatedAt, CreatedBy) = (id, name, purpose, timeZone, createdAt, createdBy);

    public string Id { get; private set; } = "";
    public string Name { get; private set; } = "";
    public string Purpose { get; private set; } = "";
    /// <summary>IANA zone; the rollout's days and weeks are counted in it.</summary>
    public string TimeZone { get; private set; } = "UTC";
    public DateTimeOffset CreatedAt { get; private set; }
    public string CreatedBy { get; private set; } = "";

    /// <summary>Writes with a confidence below this wait for a person (0–1).</summary>
    public double MinConfidence { get; private set; } = 0.6;
    /// <summary>Whether an ask without a confidence waits for a person as well.</summary>
    public bool ConfidenceRequired { get; private set; }
    /// <summary>Conditions (JSON list) that describe the controlled audience of gate C; null: everybody.</summary>
    public string? Audience { get; private set; }
    /// <summary>Whether an agent's owner is kept from deciding its requests.</summary>
    public bool SeparationOfDuties { get; private set; } = true;
    /// <summary>Whether, where two or more have to say yes, the same people may not let two requests of one rule go in a row.</summary>
    public bool RotateApprovers { get; private set; }
    public int CycleWeeks { get; private set; } = 4;
    /// <summary>The rollout's own thresholds (JSON object as in the API), or null for the defaults.</summary>
    public string? Thresholds { get; private set; }

    /// <summary>When the weekly review opens and is due; null: as usual.</summary>
    public ReviewSchedule? ReviewSchedule { get; private set; }

    /// <summary>Kinds of reasons for a rejection that this rollout has besides the standard ones.</summary>
    public IReadOnlyList<string> ReasonCodes { get; private set; } = [];

    public DateTimeOffset? PausedAt { get; private set; }
    public string? PausedReason { get; private set; }
    public string? PausedBy { get; private set; }

    /// <summary>The draft matrix (JSON) and the number that its ETag shows; a new rollout has an empty one.</summary>
    public string Draft { get; private set; } = "{\"default\":\"deny\",\"boundaries\":[],\"rules\":[]}";
    public long DraftVersion { get; private set; } = 1;
    /// <summary>The register of actions (JSON) and the number that its ETag shows.</summary>
    public string Catalogue { get; private set; } = "[]";
    public long CatalogueVersion { get; private set; } = 1;
    /// <summary>Cases that the draft must answer as written (JSON), and the number that their ETag shows.</summary>
    public string Examples { get; private set; } = "[]";
    public long ExamplesVersion { get; private set; } = 1;
    /// <summary>Whether a matrix is put in force by two people: one proposes the draft, another confirms it.</summary>
    public bool SecondPublisher { get; private set; }
    /// <summary>Who proposed which draft for publication, and why; null when nobody did, or the draft changed since.</summary>
    public MatrixProposal? Proposal { get; private set; }
    /// <summary>The version in force; 0 while nothing has been published.</summary>
    public int PublishedVersion { get; private set; }
    /// <summary>True for what the demo made; shown everywhere as 'simulated'.</summary>
    public bool Simulated { get; private set; }
    /// <summary>Closed for good: its agents are retired and lists leave it out; its records stay.</summary>
    public DateTimeOffset? ArchivedAt { get; private set; }
    public long Version { get; private set; }

    public bool Paused => PausedAt is not null;

    public bool Pause(string reason, string by, DateTimeOffset at)
    {
        if (Paused) return false;
        (PausedAt, PausedReason, PausedBy) = (at, reason, by);
        Version++;
        return true;
    }

    public bool Resume()
    {
        if (!Paused) return false;
        (PausedAt, PausedReason, PausedBy) = (null, null, null);
        Version++;
        return true;
    }

    public void Describe(string? name, string? purpose, string? timeZone)
    {
        (Name, Purpose, TimeZone) = (name ?? Name, purpose ?? Purpose, timeZone ?? TimeZone);
        Version++;
    }

    public void Govern(double? minConfidence, bool? confidenceRequired, bool? separationOfDuties, int? cycleWeeks)
    {
        MinConfidence = minConfidence ?? MinConfidence;
        ConfidenceRequired = confidenceRequired ?? ConfidenceRequired;
        SeparationOfDuties = separationOfDuties ?? SeparationOfDuties;
        CycleWeeks = cycleWeeks ?? CycleWeeks;
        Version++;
    }

    public void Rotate(bool asked)
    {
        RotateApprovers = asked;
        Version++;
    }

    public void SetAudience(string? conditions)
    {
        Audience = conditions;
        Version++;
    }

    public void SetThresholds(string? thresholds)
    {
        Thresholds = thresholds;
        Version++;
    }

    public void ScheduleReviews(ReviewSchedule schedule)
    {
        ReviewSchedule = schedule;
        Version++;
    }

    public void SetReasonCodes(IReadOnlyList<string> codes)
    {
        ReasonCodes = codes;
        Version++;
    }

    public void MarkSimulated() => Simulated = true;

    public void Archive(DateTimeOffset at)
    {
        ArchivedAt ??= at;
        Version++;
    }

    public void SaveDraft(string matrix)
    {
        Draft = matrix;
        DraftVersion++;
        Proposal = null;   // what was proposed is not what stands there now
        Version++;
    }

    public void SaveExamples(string examples)
    {
        Examples = examples;
        ExamplesVersion++;
        Version++;
    }

    public void AskForSecondPublisher(bool asked)
    {
        SecondPublisher = asked;
        Version++;
    }

    /// <summary>Null takes a proposal back.</summary>
    public void Propose(MatrixProposal? proposal)
    {
        Proposal = proposal;
        Version++;
    }

    public void SaveCatalogue(string actions)
    {
        Catalogue = actions;
        CatalogueVersion++;
        Version++;
    }

    public int Publish()
    {
        Proposal = null;
        Version++;
        return ++PublishedVersion;
    }
}

/// <summary>A person in a rollout: one row per role they hold there.</summary>
public sealed class RolloutMember
{
    private RolloutMember() { }
    public RolloutMember(string rolloutId, string personId, RolloutRole role, bool deputy) => (RolloutId, PersonId, Role, Deputy) = (rolloutId, personId, role, deputy);

    public string RolloutId { get; private set; } = "";
    public string PersonId { get; private set; } = "";
    public RolloutRole Role { get; private set; }
    /// <summary>Stands in for the holder of the role, with the same rights.</summary>
    public bool Deputy { get; private set; }
}

/// <summary>A published matrix. Never changes; the table refuses updates and deletes.</summary>
public sealed class MatrixVersion
{
    private MatrixVersion() { }
    public MatrixVersion(string rolloutId, int number, string document, byte[] sha256, string publishedBy, DateTimeOffset publishedAt, string reason, string? proposedBy = null)
        => (RolloutId, Number, Document, Sha256, PublishedBy, PublishedAt, Reason, ProposedBy) = (rolloutId, number, document, sha256, publishedBy, publishedAt, reason, proposedBy);

    public string RolloutId { get; private set; } = "";
    public int Number { get; private set; }
    public string Document { get; private set; } = "";
    public byte[] Sha256 { get; private set; } = [];
    public string PublishedBy { get; private set; } = "";
    public DateTimeOffset PublishedAt { get; private set; }
    public string Reason { get; private set; } = "";
    /// <summary>Who proposed it, where a second person (<see cref="PublishedBy"/>) had to confirm; else null.</summary>
    public string? ProposedBy { get; private set; }
}

/// <summary>A draft that one person wants in force and another has to confirm.</summary>
public sealed record MatrixProposal(long DraftVersion, string By, DateTimeOffset At, string Reason);
