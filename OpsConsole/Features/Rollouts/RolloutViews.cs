using System.Text.Json;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;

namespace OpsConsole.Features.Rollouts;

/// <summary>A row of the list of rollouts.</summary>
/// <param name="Gate">The gate in force: A to D, or null.</param>
public sealed record RolloutRow(string Id, string Name, string Purpose, string? Gate, bool Paused, int PublishedVersion, int Agents, TierMix Tiers, bool Simulated, DateTimeOffset CreatedAt);

/// <summary>How many live grants of the rollout's agents stand at each tier.</summary>
public sealed record TierMix(int Observer, int Contributor, int Executor)
{
    public int All => Observer + Contributor + Executor;

    public static TierMix Of(ConsoleState state, string rolloutId, DateTimeOffset now)
    {
        var live = state.Agents.Values.Where(a => a.Rollout.Id == rolloutId && !a.Retired).SelectMany(a => a.Grants).Where(g => g.ExpiresAt is null || now < g.ExpiresAt).ToLookup(g => g.At(now).Tier);
        return new TierMix(live[Tier.Observer].Count(), live[Tier.Contributor].Count(), live[Tier.Executor].Count());
    }
}

/// <summary>Why something stands still.</summary>
public sealed record PauseView(DateTimeOffset At, string By, string ByName, string Reason);

/// <summary>A person of a rollout with every role they hold there.</summary>
/// <param name="Active">False while they were only invited, or after they were disabled.</param>
public sealed record MemberView(string PersonId, string Email, string Name, IReadOnlyList<string> Roles, IReadOnlyList<string> DeputyFor, bool Active);

public sealed record MatrixState(long DraftVersion, int PublishedVersion);

/// <summary>A rollout as the API and its page show it.</summary>
/// <param name="Owners">Role to e-mail; null where nobody is named.</param>
/// <param name="Confidence"><c>required</c> or <c>optional</c>.</param>
/// <param name="SecondPublisher">A matrix is put in force by two people.</param>
/// <param name="ReasonCodes">Kinds of reasons for a rejection that it has besides the standard ones.</param>
public sealed record RolloutView(string Id, string Name, string Purpose, string TimeZone, DateTimeOffset CreatedAt, string CreatedBy, IReadOnlyDictionary<string, string?> Owners,
    IReadOnlyDictionary<string, string?> Deputies, IReadOnlyList<MemberView> Members, string? Gate, PauseView? Paused, MatrixState Matrix, double MinConfidence, string Confidence,
    JsonElement? Audience, bool SeparationOfDuties, int CycleWeeks, JsonElement? Thresholds, int Agents, bool Simulated, bool SecondPublisher = false, bool RotateApprovers = false, IReadOnlyList<string>? ReasonCodes = null, ReviewTimes? Review = null);

/// <summary>When the weekly review opens, after the week, and how many days later it is due; by the rollout's clocks.</summary>
public sealed record ReviewTimes(string Day, string At, int DueDays, bool Attach);

/// <summary>An agent as its rollout lists it.</summary>
public sealed record RolloutAgent(string Id, string Name, string Kind, string OwnerName, bool Paused, int Caps, bool Simulated);

/// <summary>What the reader may do with a rollout, for the page.</summary>
/// <param name="NamedFor">Of the gates that they may pass those whose named people they are one of; the others they pass as an admin only, which shows for ever.</param>
/// <param name="Confirm">The subjects that they may confirm by name.</param>
public sealed record RolloutRights(bool Edit, bool Govern, bool Publish, bool Pause, bool ManageAgents, IReadOnlyList<string> PassGates, IReadOnlyList<string> NamedFor, IReadOnlyList<string> Confirm)
{
    public static readonly RolloutRights None = new(false, false, false, false, false, [], [], []);
}

/// <summary>A name under something that people confirm.</summary>
/// <param name="Current">False where what it was about has changed since.</param>
public sealed record ConfirmationView(string Subject, string PersonId, string Name, string Words, string? Link, DateTimeOffset At, bool Current);

/// <summary>One thing that a step or a gate asks for.</summary>
/// <param name="Link">Where it is looked at and mended.</param>
/// <param name="Who">Roles of those who can meet it.</param>
/// <param name="Confirm">The subject to confirm by name, or null.</param>
/// <param name="ChangedSince">It was met when its gate was passed, and is not now.</param>
/// <param name="Ground">Of what is confirmed by name: a word for what it is about, to be sent with the confirmation.</param>
/// <param name="About">The same in words; empty where it is about what happened.</param>
/// <param name="Record">The address of a record of the console that shows it.</param>
public sealed record CriterionView(string Id, string Text, bool Met, string Evidence, bool Waived, string Link = "", IReadOnlyList<string>? Who = null, string? Confirm = null, bool ChangedSince = false, IReadOnlyList<ConfirmationView>? Confirmations = null,
    string? Ground = null, IReadOnlyList<string>? About = null, string? Record = null)
{
    internal static CriterionView Of(Requirement r, RolloutEvidence evidence, bool changedSince = false)
        => new(r.Id, r.Text, r.Met, r.Evidence, r.Waived, $"/rollouts/{evidence.Rollout.Id}{(r.Place.Length == 0 || r.Place[0] == '#' ? "" : "/")}{r.Place}", [.. r.Who.Select(w => w.Wire())], r.Confirm, changedSince, Given(r.Confirm, evidence),
            r.Confirm is null ? null : ConfirmationRules.Stamp(r.Confirm, evidence), r.Confirm is null ? [] : ConfirmationRules.About(r.Confirm, evidence), r.Record);

    private static IReadOnlyList<ConfirmationView> Given(string? subject, RolloutEvidence evidence)
    {
        if (subject is null || ConfirmationRules.Find(subject) is not { } rule) return [];
        var ground = ConfirmationRules.Ground(subject, evidence);
        return [.. evidence.Confirmations.Where(c => c.Subject == subject).OrderBy(c => c.At).Select(c => new ConfirmationView(subject, c.PersonId, evidence.Directory.NameOf(c.PersonId), c.Words, c.Link, c.At, c.Ground == ground && evidence.MayConfirm(c.PersonId, rule)))];
    }
}

/// <summary>Something that happened to a gate.</summary>
/// <param name="Event"><c>passed</c>, <c>revoked</c> or <c>fell</c>.</param>
/// <param name="Reason">Null where it was erased from the log.</param>
public sealed record GateEventView(string Event, DateTimeOffset At, string By, string ByName, string? Reason, IReadOnlyList<string> Waived, bool Override);

/// <summary>A gate with what it asks for and what was found.</summary>
/// <param name="Override">Passed by an admin who is none of its named people; stays for ever.</param>
/// <param name="InForce">Passed, and no lower gate is missing.</param>
/// <param name="History">Newest first.</param>
public sealed record GateView(string Gate, bool Passed, bool InForce, IReadOnlyList<CriterionView> Criteria, IReadOnlyList<string> NamedPeople, string? By, string? ByName, DateTimeOffset? At, string? Reason, IReadOnlyList<string> Waived, bool Override, IReadOnlyList<GateEventView>? History = null);
