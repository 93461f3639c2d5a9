using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Undo;

/// <summary>
/// What agents wrote and is still provisional. The members of the rollout, and whoever the row would ask, veto it inside its window, which starts its undoing; where the row says <c>confirm: required</c>, whoever it would ask has to
/// confirm it, or the console undoes it or tells more people. Signals <see cref="ReversibleWindow.Topic"/>.
/// </summary>
public sealed class WindowDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    private const int MostToConfirm = 200;

    /// <summary>What is provisional in what the reader sees: first what nobody confirmed in time, then soonest over first. Faults: not found, <c>field.invalid</c>.</summary>
    /// <param name="required">Only what has to be confirmed.</param>
    /// <param name="after">The <c>next</c> of the page before.</param>
    public async Task<Result<Wire.Page<WindowView>>> ListAsync(PersonCaller me, string? rolloutId, bool required, string? after, int limit, CancellationToken ct)
    {
        var (state, now) = (writer.State, writer.Now);
        if (Sight.Me(state, me) is not { Ok: true, Value: var person }) return Fault.NotFound("window");
        if (rolloutId is not null && Sight.Rollout(state, me, rolloutId).Fault is { } hidden) return hidden;
        WindowPlace? from = null;
        if (after is not null && (from = WindowPlace.Parse(after)) is null) return Fault.Invalid("field.invalid", "after must be the 'next' of the page before.", "after");
        await using var db = await factory.CreateDbContextAsync(ct);
        List<ReversibleWindow> found = [];
        var visible = Permissions.VisibleRollouts(person, state);
        if (visible is not null && rolloutId is null)
        {
            // Whoever a row asks sees what waits for them, also without seeing the rollout.
            var elsewhere = (await ToConfirmAsync(db, null, now, ct)).Where(w => !visible.Contains(w.RolloutId) && WindowRules.IsOpen(w, now) && (from is null || WindowPlace.Of(w).CompareTo(from.Value) > 0)).ToList();
            var mine = (await ViewsAsync(db, elsewhere, state, me, now, ct)).Where(v => v.Mine).Select(v => v.DecisionId).ToHashSet();
            found.AddRange(elsewhere.Where(w => mine.Contains(w.DecisionId)));
        }
        foreach (var rollout in Permissions.OneByOne(visible, rolloutId))
            foreach (var part in (WindowState[])[WindowState.Escalated, WindowState.Open])
                if (from is null || from.Value.Part >= part) found.AddRange(await Waiting(db, rollout, part, required, from is { } place && place.Part == part ? place : null, now).Take(limit + 1).ToListAsync(ct));
        List<ReversibleWindow> shown = [.. found.OrderBy(w => WindowPlace.Of(w)).Take(limit + 1)];
        var views = await ViewsAsync(db, [.. shown.Take(limit)], state, me, now, ct);
        return new Wire.Page<WindowView>(views, shown.Count > limit ? WindowPlace.Of(shown[limit - 1]).ToString() : null);
    }

    /// <summary>One part of the list behind a place in it, of one rollout or (null) of all.</summary>
    internal static IQueryable<ReversibleWindow> Waiting(OpsDbContext db, string? rollout, WindowState part, bool required, WindowPlace? after, DateTimeOffset now)
    {
        var all = part == WindowState.Escalated ? db.ReversibleWindows.AsNoTracking().Where(w => w.State == WindowState.Escalated) : db.ReversibleWindows.AsNoTracking().Where(w => w.State == WindowState.Open && w.Until > now);
        if (rollout is not null) all = all.Where(w => w.RolloutId == rollout);
        if (required) all = all.Where(w => w.Required);
        if (after is { } place) all = all.Where(w => w.Until >= place.Until && (w.Until > place.Until || w.DecisionSeq > place.Seq));
        return all.OrderBy(w => w.Until).ThenBy(w => w.DecisionSeq);
    }

    /// <summary>How these stand now, in their order, for whoever has a list of them before them; what the reader does not see any more is left out.</summary>
    public async Task<IReadOnlyList<WindowView>> RefreshAsync(PersonCaller me, IReadOnlyList<string> decisionIds, CancellationToken ct)
    {
        var state = writer.State;
        var seqs = decisionIds.Select(id => Ids.TrySeq(id, "dec", out var seq) ? seq : 0).ToList();
        await using var db = await factory.CreateDbContextAsync(ct);
        var views = await ViewsAsync(db, await db.ReversibleWindows.AsNoTracking().Where(w => seqs.Contains(w.DecisionSeq)).ToListAsync(ct), state, me, writer.Now, ct);
        var known = views.Where(v => v.MayConfirm || Sight.Rollout(state, me, v.RolloutId).Ok).ToDictionary(v => v.DecisionId);
        return [.. decisionIds.Where(known.ContainsKey).Select(id => known[id])];
    }

    /// <summary>How many wait for the reader to confirm them.</summary>
    /// <param name="rolloutId">Only of this rollout; null: of all.</param>
    public async Task<int> MineAsync(PersonCaller me, string? rolloutId, CancellationToken ct)
    {
        var (state, now) = (writer.State, writer.Now);
        if (!Sight.Me(state, me).Ok) return 0;
        await using var db = await factory.CreateDbContextAsync(ct);
        var waiting = await ToConfirmAsync(db, rolloutId, now, ct);
        return waiting.Count == 0 ? 0 : (await ViewsAsync(db, waiting, state, me, now, ct)).Count(w => w.Mine);
    }

    /// <summary>What has to be confirmed, at most so many; one walk over the index of each kind.</summary>
    private static async Task<List<ReversibleWindow>> ToConfirmAsync(OpsDbContext db, string? rolloutId, DateTimeOffset now, CancellationToken ct)
        => [.. await Waiting(db, rolloutId, WindowState.Escalated, true, null, now).Take(MostToConfirm).ToListAsync(ct), .. await Waiting(db, rolloutId, WindowState.Open, true, null, now).Take(MostToConfirm).ToListAsync(ct)];

    /// <summary>The window of one decision; null: it has none. Faults: not found.</summary>
    public async Task<Result<WindowView?>> FindAsync(PersonCaller me, string decisionId, CancellationToken ct)
    {
        var state = writer.State;
        await using var db = await factory.CreateDbContextAsync(ct);
        if (await OfAsync(db.ReversibleWindows.AsNoTracking(), decisionId, ct) is not { } window) return (WindowView?)null;
        if (await ViewsAsync(db, [window], state, me, writer.Now, ct) is not [var view]) return (WindowView?)null;   // an agent made by another instance just now: the signal of that is on its way
        return Sight.Rollout(state, me, window.RolloutId).Ok || view.MayConfirm ? view : Fault.NotFound("window");
    }

    /// <summary>What was written and what a veto would do, for whoever may confirm or veto it. Faults: not found, <c>undo.too_many</c>.</summary>
    public async Task<Result<WindowContents>> ContentsAsync(PersonCaller me, string decisionId, CancellationToken ct)
    {
        if (await FindAsync(me, decisionId, ct) is not { Ok: true, Value: { } window } || !(window.MayConfirm || window.MayVeto)) return Fault.NotFound("window");
        var request = new UndoRequest(new UndoScope(UndoScopeKind.Decision, decisionId));
        await using var db = await factory.CreateDbContextAsync(ct);
        var found = await WriteReader.FindAsync(db, window.RolloutId, request.Scope, ct, contents: true);
        if (found.Fault is { } tooMany) return tooMany;
        return new WindowContents(found.Value.Writes, await UndoPlanDesk.PreviewAsync(db, writer.State, window.RolloutId, request, found.Value, writer.Now, window.ReportedAt, ct));
    }

    /// <summary>It may stay. Faults: not found, forbidden (<c>window.not_yours</c>), <c>window.closed</c>, <c>window.ended</c>.</summary>
    public Task<Result<WindowView>> ConfirmAsync(PersonCaller me, string decisionId, string? words) => ChangeAsync(me, decisionId, (scope, window, standing, _, _) =>
    {
        if (TextRules.Wrong("words", words, ReversibleWindow.LongestWords) is { } wrong) return Task.FromResult<Result<Done>>(wrong);
        if (!standing.MayDecide) return Task.FromResult<Result<Done>>(Fault.Forbidden($"What an agent wrote is confirmed by whoever its rule asks, or by the owners of the rollout where it asks nobody. {standing.Why}", "window.not_yours"));
        if (standing.Standing == Standing.BreakGlass && string.IsNullOrWhiteSpace(words)) return Task.FromResult<Result<Done>>(Fault.Invalid("field.required", "The row asks other people. As an admin you can confirm it as break-glass: say why they could not. It goes on record.", "words"));
        var done = WindowRules.Confirm(window, me.Actor.Type + ":" + me.Id, string.IsNullOrWhiteSpace(words) ? null : words.Trim(), scope.Now);
        if (done.Ok) Note(scope, window, me.Actor, "window.confirmed", new { break_glass = standing.Standing == Standing.BreakGlass }, window.Words ?? "It may stay.");
        return Task.FromResult(done);
    });

    /// <summary>It must not stay: a plan that undoes it starts at once. Faults: not found, forbidden (<c>window.not_yours</c>), <c>field.invalid</c>, <c>window.closed</c>, <c>window.ended</c>.</summary>
    public Task<Result<WindowView>> VetoAsync(PersonCaller me, string decisionId, string? words) => ChangeAsync(me, decisionId, async (scope, window, standing, of, ct) =>
    {
        if (TextRules.Wrong("words", words, ReversibleWindow.LongestWords, required: true) is { } wrong) return wrong;
        if (!standing.MayDecide && Sight.Rollout(scope.State, me, window.RolloutId, Permissions.MayWrite, UndoPlanDesk.Starters).Fault is { } forbidden) return forbidden;
        if (!WindowRules.IsOpen(window, scope.Now)) return WindowRules.Veto(window, "", "", null, scope.Now);
        var planId = await UndoAsync(scope, window, me.Actor, me.Id, words!.Trim(), ct);
        var done = WindowRules.Veto(window, me.Actor.Type + ":" + me.Id, words.Trim(), planId, scope.Now);
        if (!done.Ok) return done;
        Note(scope, window, me.Actor, "window.vetoed", new { plan = planId, writes = window.Writes, break_glass = BreaksGlass(me, standing, of.Agent) }, words.Trim());
        // Nothing says what it did, so there is nothing that a plan could undo: somebody has to look.
        if (window.Writes == 0) Alert(scope, window, "vetoed.unreported", $"{What(of)} was vetoed, and its report names no write. Somebody has to look into the system itself whether it did anything, and put that right.");
        return done;
    });

    /// <summary>Ends what nobody confirmed in time, as its row says. For the clock.</summary>
    internal Task<Result<Done>> EndAsync(long decisionSeq) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        if (await scope.Db.ReversibleWindows.SingleOrDefaultAsync(w => w.DecisionSeq == decisionSeq, ct) is not { } window || !WindowRules.IsUnconfirmed(window, scope.Now)) return Done.Value;
        if (await WindowCase.LoadAsync(scope.Db, [window], scope.State, ct) is not [var of]) return Fault.Conflict("window.agent_unknown", "This instance has not heard of its agent yet.");   // tried again in some seconds
        var what = What(of);
        // No person stands behind this undoing, so the agent itself has to do all of it, by its own means: the team's endpoint would do what nobody asked for, and what only people can undo is theirs to decide.
        if (WindowRules.AfterSilence(of.Rule) == WindowState.Undone && await ByTheAgentAsync(scope, window, ct) && await UndoAsync(scope, window, Actor.System, "console", "Nobody confirmed it in time.", ct) is { } planId)
        {
            WindowRules.EndBySilence(window, WindowState.Undone, "Nobody confirmed it in time, so its undoing began.", planId, scope.Now);
            Note(scope, window, Actor.System, "window.undone", new { plan = planId }, window.Words!);
            Alert(scope, window, "undone_unconfirmed", $"{what} was not confirmed in time, so its undoing began.");
            return Done.Value;
        }
        WindowRules.EndBySilence(window, WindowState.Escalated, "Nobody confirmed it in time, so an incident tells more people.", null, scope.Now);
        Note(scope, window, Actor.System, "window.escalated", null, window.Words!);
        Alert(scope, window, "unconfirmed", $"{what} was not confirmed in time. Somebody has to confirm it or to have it undone.");
        return Done.Value;
    });

    private static async Task<bool> ByTheAgentAsync(ChangeScope scope, ReversibleWindow window, CancellationToken ct)
    {
        var request = new UndoRequest(new UndoScope(UndoScopeKind.Decision, window.DecisionId));
        var found = await WriteReader.FindAsync(scope.Db, window.RolloutId, request.Scope, ct);
        if (!found.Ok) return false;
        var plan = await UndoPlanDesk.PreviewAsync(scope.Db, scope.State, window.RolloutId, request, found.Value, scope.Now, window.ReportedAt, ct);
        return plan is { Steps: { Count: > 0 } steps, LeftOut: 0 } && steps.All(s => s is { State: UndoState.Waiting, Runner: UndoRunner.Agent });
    }

    private static string What(WindowCase of) => $"{VisibleText.Flatten(of.Agent.Name)}: {VisibleText.Flatten(of.Decision.Action)}";

    // An alert is an incident, or shown to whoever answers for the rollout (AlertSpec).
    private static void Alert(ChangeScope scope, ReversibleWindow window, string kind, string text)
    {
        var seq = scope.Audit(Actor.System, "alert.raised", window.DecisionId, new { kind, agent = window.AgentId }, rolloutId: window.RolloutId, decisionSeq: window.DecisionSeq);
        scope.Db.Alerts.Add(new Alert { Seq = seq, At = scope.Now, Kind = kind, RolloutId = window.RolloutId, AgentId = window.AgentId, DecisionId = window.DecisionId, Text = text });
        scope.Signal("alerts");
    }

    /// <summary>Starts the plan that undoes all of the decision; null: earlier plans have everything in hand, or no write was reported.</summary>
    private static async Task<string?> UndoAsync(ChangeScope scope, ReversibleWindow window, Actor by, string startedBy, string reason, CancellationToken ct)
    {
        var plan = await UndoPlanDesk.BeginAsync(scope, window.RolloutId, new UndoRequest(new UndoScope(UndoScopeKind.Decision, window.DecisionId), Reason: reason), by, startedBy, window.ReportedAt, ct);   // its time is over only when somebody said so
        return plan.Ok ? plan.Value.Id : null;
    }

    private static void Note(ChangeScope scope, ReversibleWindow window, Actor by, string evt, object? details, string text)
    {
        scope.Audit(by, evt, window.DecisionId, details, new { text }, window.RolloutId, window.DecisionSeq);
        scope.Signal("decision:" + window.DecisionId);
        scope.Signal(ReversibleWindow.Topic);
        if (window.Required) scope.Signal(ReversibleWindow.RequiredTopic);
    }

    private Task<Result<WindowView>> ChangeAsync(PersonCaller me, string decisionId, Func<ChangeScope, ReversibleWindow, Eligibility, WindowCase, CancellationToken, Task<Result<Done>>> change) => writer.ChangeAsync<WindowView>(async (scope, ct) =>
    {
        if (!Sight.Me(scope.State, me).Ok || await OfAsync(scope.Db.ReversibleWindows, decisionId, ct) is not { } window || await WindowCase.LoadAsync(scope.Db, [window], scope.State, ct) is not [var of]) return Fault.NotFound("window");
        var standing = of.Of(me.Person, scope.State, scope.Now);
        if (!Sight.Rollout(scope.State, me, window.RolloutId).Ok && standing.Standing != Standing.Named) return Fault.NotFound("window");
        var done = await change(scope, window, standing, of, ct);
        return done.Fault is { } refused ? refused : (await ViewsAsync(scope.Db, [window], scope.State, me, scope.Now, ct))[0];
    });

    private static async Task<ReversibleWindow?> OfAsync(IQueryable<ReversibleWindow> windows, string decisionId, CancellationToken ct)
        => Ids.TrySeq(decisionId, "dec", out var seq) && await windows.SingleOrDefaultAsync(w => w.DecisionSeq == seq, ct) is { } window && window.DecisionId == decisionId ? window : null;

    private static async Task<IReadOnlyList<WindowView>> ViewsAsync(OpsDbContext db, IReadOnlyList<ReversibleWindow> windows, ConsoleState state, PersonCaller me, DateTimeOffset now, CancellationToken ct)
        => [.. (await WindowCase.LoadAsync(db, windows, state, ct)).Select(c =>
        {
            var (w, d, agent) = (c.Window, c.Decision, c.Agent);
            var open = WindowRules.IsOpen(w, now);
            var standing = c.Of(me.Person, state, now);
            return new WindowView(w.DecisionId, w.RolloutId, agent.Rollout.Name, w.AgentId, agent.Name, agent.Simulated, d.Action, d.ResourceType, d.ResourceId, d.RuleId, w.Writes, w.ReportedAt, w.Until, w.Required, w.State,
                open, open && w.Required && standing.Standing == Standing.Named, open && standing.Standing == Standing.BreakGlass, open && BreaksGlass(me, standing, agent), open && standing.MayDecide, open && (standing.MayDecide || Sight.Rollout(state, me, w.RolloutId, Permissions.MayWrite, "").Ok),
                w.State == WindowState.Open && w.Required ? WindowRules.AfterSilence(c.Rule) : null, w.EndedBy is { } by ? UndoWords.Name(by, state) : null, w.EndedAt, w.Words, w.PlanId);
        })];

    // An admin who takes part in the rollout vetoes like its other people; anybody else of them only as what they are.
    private static bool BreaksGlass(PersonCaller me, Eligibility standing, AgentAuthority agent) => standing.Standing == Standing.BreakGlass && agent.Rollout.Members.All(m => m.PersonId != me.Id);
}

/// <summary>A window as people see it.</summary>
/// <param name="Open">It can be confirmed or vetoed still.</param>
/// <param name="Mine">It waits for the reader to confirm it.</param>
/// <param name="BreakGlass">The row asks other people; an admin may confirm it all the same, and says why.</param>
/// <param name="VetoBreaksGlass">The reader takes no part in the rollout either, so that a veto of theirs is break-glass as well.</param>
/// <param name="AfterSilence">What becomes of it if nobody confirms it; null: it becomes permanent.</param>
public sealed record WindowView(string DecisionId, string RolloutId, string RolloutName, string AgentId, string AgentName, bool Simulated, string Action, string? ResourceType, string? ResourceId, string? Rule, int Writes, DateTimeOffset ReportedAt, DateTimeOffset Until,
    bool Required, WindowState State, bool Open, bool Mine, bool BreakGlass, bool VetoBreaksGlass, bool MayConfirm, bool MayVeto, WindowState? AfterSilence, string? EndedBy, DateTimeOffset? EndedAt, string? Words, string? PlanId);

/// <summary>What a window is about: the writes as they were reported, and the plan that a veto would start.</summary>
public sealed record WindowContents(IReadOnlyList<ReportedWrite> Writes, UndoPlanView Plan);

/// <summary>A place in the list of windows.</summary>
internal readonly record struct WindowPlace(WindowState Part, DateTimeOffset Until, long Seq) : IComparable<WindowPlace>
{
    public static WindowPlace Of(ReversibleWindow w) => new(w.State == WindowState.Escalated ? WindowState.Escalated : WindowState.Open, w.Until, w.DecisionSeq);

    // What is escalated comes first.
    public int CompareTo(WindowPlace other) => (-(int)Part, Until, Seq).CompareTo((-(int)other.Part, other.Until, other.Seq));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(int)Part}_{Until.UtcTicks:x}_{Seq:x}");

    public static WindowPlace? Parse(string text)
        => text.Split('_') is [("0" or "4") and var part, var ticks, var seq] && long.TryParse(ticks, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var at) && at is >= 0 and <= 3_155_378_975_999_999_999
            && long.TryParse(seq, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var of) ? new(part == "4" ? WindowState.Escalated : WindowState.Open, new DateTimeOffset(at, TimeSpan.Zero), of) : null;
}
