using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Session;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Rollouts;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Workshop.Session;

/// <summary>
/// From a code to its session. Codes are guessed slowly: after ten that lead nowhere a person waits until the first of them is ten minutes old.
/// Who comes with the right code and is no member is shown to whoever leads; that is kept in memory only.
/// </summary>
internal sealed class JoinDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, RolloutEditor editor, Signals signals, TimeProvider time)
{
    public const int MostWrong = 10;
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);
    /// <summary>How many may be waiting to be let into one session, and for how long that is remembered.</summary>
    public const int MostAsking = 20;
    public static readonly TimeSpan Patience = TimeSpan.FromHours(4);
    private readonly Lock _gate = new();
    private readonly List<Asking> _asking = [];
    private readonly Dictionary<string, List<DateTimeOffset>> _wrong = new(StringComparer.Ordinal);

    /// <summary>Faults: <c>code.invalid</c>, <c>code.unknown</c>, <c>session.ended</c>, <c>not_member</c>, <c>code.too_many</c>.</summary>
    public async Task<Result<JoinView>> JoinAsync(PersonCaller caller, string typed, CancellationToken ct)
    {
        // Counted before it is looked up, so that codes tried all at once are no way around.
        if (Guess(caller.Id) is not { } guess) return new Fault(FaultKind.TooMany, "code.too_many", "Too many codes that lead nowhere. Ask the facilitator for the link, or try again in ten minutes.");
        var wrong = false;
        try
        {
            var found = await FindAsync(caller, typed, ct);
            wrong = found.Fault is { Code: "code.unknown" or "not_member" };
            return found;
        }
        finally { if (!wrong) TakeBack(caller.Id, guess); }
    }

    private async Task<Result<JoinView>> FindAsync(PersonCaller caller, string typed, CancellationToken ct)
    {
        if (SessionCode.Normalise(typed) is not { } code) return Fault.Invalid("code.invalid", "A code has six letters and digits; 0, O, 1 and I are not among them.", "code");
        await using var db = await factory.CreateDbContextAsync(ct);
        var found = await db.Sessions.AsNoTracking().Where(s => s.Code == code).Select(s => new { s.Id, s.RolloutId, s.Facilitator, s.EndedAt }).SingleOrDefaultAsync(ct);
        var state = writer.State;
        var member = found is not null && Sight.Rollout(state, caller, found.RolloutId).Ok;
        // Whoever may not see it learns nothing of a session that is over, not even that it was.
        if (found is null || (found.EndedAt is not null && !member)) return new Fault(FaultKind.NotFound, "code.unknown", "No session has this code. Look at the wall again, letter by letter.");
        if (found.EndedAt is not null) return Fault.Conflict("session.ended", "This session has ended.", new Dictionary<string, object?> { ["path"] = $"/rollouts/{found.RolloutId}/sessions/{found.Id}" });
        if (!member)
        {
            Ask(state, new Asking(found.Id, found.RolloutId, found.Facilitator, caller.Id, time.GetUtcNow()));
            return Fault.Forbidden($"You are not a member: ask {VisibleText.Flatten(state.Directory.NameOf(found.Facilitator))} to add you, then use the code again.", "not_member");
        }
        return View(found.RolloutId, found.Id);
    }

    /// <summary>Who waits to be let into a session, in the order in which they came.</summary>
    public IReadOnlyList<NamedView> AskingIn(string session)
    {
        var state = writer.State;
        lock (_gate) return [.. _asking.Where(a => a.Session == session && !IsIn(state, a)).Select(a => new NamedView(a.Person, state.Directory.NameOf(a.Person)))];
    }

    /// <summary>The name of whoever was asked to let somebody in; null where nobody was.</summary>
    public string? Asked(PersonCaller caller)
    {
        lock (_gate) return _asking.LastOrDefault(a => a.Person == caller.Id) is { } asking ? writer.State.Directory.NameOf(asking.Facilitator) : null;
    }

    /// <summary>Where somebody goes who asked and was let in; said once.</summary>
    public JoinView? Admitted(PersonCaller caller)
    {
        var state = writer.State;
        lock (_gate)
        {
            if (_asking.LastOrDefault(a => a.Person == caller.Id && IsIn(state, a)) is not { } asking) return null;
            _asking.Remove(asking);
            return View(asking.Rollout, asking.Session);
        }
    }

    public bool MayLetIn(PersonCaller caller, string rolloutId) => editor.MayChangePeople(caller, rolloutId) is null;

    /// <summary>Makes somebody who asked a member. Faults: not found, and those of <see cref="RolloutEditor.AddMemberAsync"/>.</summary>
    public async Task<Result<string>> LetInAsync(PersonCaller caller, string rolloutId, string person)
    {
        bool asked;
        lock (_gate) asked = _asking.Any(a => a.Rollout == rolloutId && a.Person == person);
        return asked && writer.State.Directory.People.TryGetValue(person, out var entry) ? await editor.AddMemberAsync(caller, rolloutId, new AddMemberRequest(entry.Email, [RolloutRole.Member.Wire()])) : Fault.NotFound("person");
    }

    /// <summary>Forgets that somebody asked, where the one who says so leads; they may ask again.</summary>
    public async Task NotNowAsync(PersonCaller caller, string session, string person, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        if (await db.Sessions.AsNoTracking().Where(s => s.Id == session && s.Facilitator == caller.Id).Select(s => s.RolloutId).SingleOrDefaultAsync(ct) is not { } rollout) return;
        lock (_gate) _asking.RemoveAll(a => a.Session == session && a.Person == person);
        signals.Publish(SessionDesk.Topic(rollout));
    }

    private void Ask(ConsoleState state, Asking asking)
    {
        lock (_gate)
        {
            _asking.RemoveAll(a => a.At <= asking.At - Patience);
            if (_asking.Any(a => a.Session == asking.Session && a.Person == asking.Person) || _asking.Count(a => a.Session == asking.Session && !IsIn(state, a)) >= MostAsking) return;
            _asking.Add(asking);
        }
        signals.Publish(SessionDesk.Topic(asking.Rollout));
    }

    private static bool IsIn(ConsoleState state, Asking asking)
        => state.Directory.People.TryGetValue(asking.Person, out var person) && state.Rollouts.TryGetValue(asking.Rollout, out var rollout) && Permissions.MaySee(person, rollout, state.Directory);

    private static JoinView View(string rollout, string session) => new(rollout, session, $"/rollouts/{rollout}/session");

    private sealed record Asking(string Session, string Rollout, string Facilitator, string Person, DateTimeOffset At);

    /// <summary>When it was counted; null when there were too many.</summary>
    private DateTimeOffset? Guess(string person)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (!_wrong.TryGetValue(person, out var times)) _wrong[person] = times = [];
            times.RemoveAll(t => t <= now - Window);
            if (times.Count >= MostWrong) return null;
            times.Add(now);
            return now;
        }
    }

    private void TakeBack(string person, DateTimeOffset guess)
    {
        lock (_gate) if (_wrong.TryGetValue(person, out var times) && times.Remove(guess) && times.Count == 0) _wrong.Remove(person);
    }
}
