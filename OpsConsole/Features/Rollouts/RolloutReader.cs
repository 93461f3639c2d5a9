using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Rollouts;

/// <summary>Rollouts as a person may see them.</summary>
internal sealed class RolloutReader(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, TimeProvider time)
{
    /// <summary>In the order of their ids, for paging.</summary>
    public async Task<Wire.Page<RolloutRow>> ListAsync(PersonCaller caller, PageQuery page, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Me(state, caller) is not { Ok: true, Value: var me }) return new([], null);
        var (visible, now) = (Permissions.VisibleRollouts(me, state), time.GetUtcNow());
        await using var db = await factory.CreateDbContextAsync(ct);
        var rollouts = db.Rollouts.AsNoTracking();
        if (visible is not null) rollouts = rollouts.Where(r => visible.Contains(r.Id));
        if (page.After is { } after) rollouts = rollouts.Where(r => r.Id.CompareTo(after) > 0);
        var rows = await rollouts.OrderBy(r => r.Id).Take(page.Limit + 1)
            .Select(r => new { r.Id, r.Name, r.Purpose, r.PublishedVersion, r.PausedAt, r.Simulated, r.CreatedAt }).ToListAsync(ct);
        return Wire.PageOf(rows, page.Limit, r => r.Id, r => new RolloutRow(r.Id, r.Name, r.Purpose, GateOf(state, r.Id), r.PausedAt is not null, r.PublishedVersion, AgentsOf(state, r.Id).Count(), TierMix.Of(state, r.Id, now), r.Simulated, r.CreatedAt));
    }

    /// <summary>Everything the person may see, by name: what the page shows (rollouts are tens, not thousands).</summary>
    public async Task<IReadOnlyList<RolloutRow>> AllAsync(PersonCaller caller, CancellationToken ct)
    {
        List<RolloutRow> rows = [];
        string? after = null;
        do
        {
            var page = await ListAsync(caller, new PageQuery(after, PageQuery.MaxLimit), ct);
            rows.AddRange(page.Items);
            after = page.Next;
        }
        while (after is not null && rows.Count < 2_000);
        return [.. rows.OrderBy(r => r.Name, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>What the person may see and is not archived, by name, from memory.</summary>
    public IReadOnlyList<(string Id, string Name)> Names(PersonCaller caller)
    {
        var state = writer.State;
        return Sight.Me(state, caller) is { Ok: true, Value: var me }
            ? [.. state.Rollouts.Values.Where(r => !r.Archived && Permissions.MaySee(me, r, state.Directory)).OrderBy(r => r.Name, StringComparer.OrdinalIgnoreCase).Select(r => (r.Id, r.Name))] : [];
    }

    public async Task<Result<RolloutView>> GetAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id).Fault is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync(ct);
        var rollout = await db.Rollouts.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, ct);
        if (rollout is null) return Fault.NotFound("rollout");
        var members = await db.Members.AsNoTracking().Where(m => m.RolloutId == id).ToListAsync(ct);
        var gates = await db.Gates.AsNoTracking().Where(g => g.RolloutId == id).ToListAsync(ct);
        return View(rollout, new Roster(members.Select(m => new Seat(m.PersonId, m.Role, m.Deputy))), Gates.InForce(gates), state);
    }

    public RolloutRights Rights(PersonCaller caller, string id)
    {
        var state = writer.State;
        if (Sight.Me(state, caller) is not { Ok: true, Value: var me } || !state.Rollouts.TryGetValue(id, out var rollout)) return RolloutRights.None;
        return new(Permissions.MayEdit(me, rollout), Permissions.MayGovern(me, rollout), Permissions.MayPublish(me, rollout), Permissions.MayPause(me, rollout), Permissions.MayManageAgents(me, rollout),
            [.. Gates.All.Where(g => Permissions.MayPassGate(me, rollout, g)).Select(g => g.ToString())],
            [.. Gates.All.Where(g => Permissions.IsNamedFor(me, rollout, g)).Select(g => g.ToString())], [.. ConfirmationRules.All.Where(r => r.May(me.Id, rollout)).Select(r => r.Subject)]);
    }

    public bool MayCreate(PersonCaller caller) => Sight.Me(writer.State, caller) is { Ok: true, Value: var me } && Permissions.MayCreateRollout(me);

    /// <summary>Who can be named: everybody who is not disabled, by name.</summary>
    public IReadOnlyList<(string Email, string Name)> People()
        => [.. writer.State.Directory.People.Values.Where(p => !p.Disabled && p.Email.Length > 0).OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Select(p => (p.Email, p.Name))];

    /// <summary>The rollout's agents that are not retired, by name.</summary>
    public IReadOnlyList<RolloutAgent> Agents(PersonCaller caller, string id)
        => Sight.Rollout(writer.State, caller, id).Ok
            ? [.. AgentsOf(writer.State, id).OrderBy(a => a.Name, StringComparer.OrdinalIgnoreCase).Select(a => new RolloutAgent(a.Id, a.Name, a.Kind.ToString().ToLowerInvariant(), writer.State.Directory.NameOf(a.OwnerId), a.Paused is not null, a.Caps.Limits.Count, a.Simulated))] : [];

    internal static RolloutView View(Rollout rollout, Roster roster, Gate gate, ConsoleState state)
    {
        var people = state.Directory.People;
        string? Email(RolloutRole role, bool deputy) => roster.Holder(role, deputy) is { } id && people.TryGetValue(id, out var person) ? person.Email : null;
        var members = roster.Seats.GroupBy(s => s.PersonId).Select(s => (Seats: s.ToList(), Person: people.GetValueOrDefault(s.Key))).OrderBy(s => s.Person?.Name, StringComparer.OrdinalIgnoreCase)
            .Select(s => new MemberView(s.Seats[0].PersonId, s.Person?.Email ?? "", s.Person?.Name ?? s.Seats[0].PersonId, [.. s.Seats.Where(x => !x.Deputy).Select(x => x.Role.Wire())], [.. s.Seats.Where(x => x.Deputy).Select(x => x.Role.Wire())], s.Person?.Active ?? false));
        return new RolloutView(rollout.Id, rollout.Name, rollout.Purpose, rollout.TimeZone, rollout.CreatedAt, rollout.CreatedBy,
            Roster.Named.ToDictionary(r => r.Wire(), r => Email(r, false)), Roster.Named.ToDictionary(r => r.Wire(), r => Email(r, true)), [.. members],
            gate == Gate.None ? null : gate.ToString(), PauseOf(rollout.PausedAt, rollout.PausedBy, rollout.PausedReason, state.Directory), new MatrixState(rollout.DraftVersion, rollout.PublishedVersion),
            rollout.MinConfidence, rollout.ConfidenceRequired ? "required" : "optional", Json(rollout.Audience), rollout.SeparationOfDuties, rollout.CycleWeeks, Json(rollout.Thresholds), AgentsOf(state, rollout.Id).Count(), rollout.Simulated, rollout.SecondPublisher, rollout.RotateApprovers, rollout.ReasonCodes, Times(rollout.ReviewSchedule ?? Core.Reviews.ReviewSchedule.Default));
    }

    private static PauseView? PauseOf(DateTimeOffset? at, string? by, string? reason, PeopleDirectory directory) => at is null ? null : new PauseView(at.Value, by ?? "console", directory.NameOf(by ?? "console"), reason ?? "");

    private static ReviewTimes Times(Core.Reviews.ReviewSchedule s) => new(s.Day.ToString().ToLowerInvariant(), string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{s.Minute / 60:00}:{s.Minute % 60:00}"), s.DueDays, s.Attach);

    private static JsonElement? Json(string? text) => text is null ? null : JsonElement.Parse(text);

    private static string? GateOf(ConsoleState state, string id) => state.Rollouts.TryGetValue(id, out var rollout) && rollout.Gate != Gate.None ? rollout.Gate.ToString() : null;

    private static IEnumerable<AgentAuthority> AgentsOf(ConsoleState state, string id) => state.Agents.Values.Where(a => a.Rollout.Id == id && !a.Retired);
}
