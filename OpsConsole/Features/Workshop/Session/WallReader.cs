using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Features.Rollouts;
using OpsConsole.Platform.Realtime;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop.Session;

/// <summary>Somebody in the room.</summary>
/// <param name="Sheets">The worksheets in which they write.</param>
internal sealed record WallPerson(string Id, string Name, IReadOnlyList<string> Sheets);

/// <summary>What a room sees from afar.</summary>
/// <param name="Open">Null when no session is open.</param>
/// <param name="Ended">Where none is open: the one that ended within the last hour; null: none did.</param>
/// <param name="Closing">What the open session would end with now.</param>
/// <param name="Checks">What the step at hand requires; none at the end.</param>
internal sealed record WallView(SessionView? Open, SessionView? Ended, ClosingView? Closing, IReadOnlyList<CriterionView> Checks, IReadOnlyList<WallPerson> People);

/// <summary>What the wall shows of a session: everything that was gathered elsewhere, at once.</summary>
internal sealed class WallReader(SessionReader sessions, StepDesk steps, Presence presence, TimeProvider time)
{
    public static readonly TimeSpan Afterwards = TimeSpan.FromHours(1);

    public async Task<Result<WallView>> OfAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var found = await sessions.OpenAsync(caller, id, ct);
        if (found.Fault is { } hidden) return hidden;
        if (found.Value is not { } open)
        {
            var last = await sessions.PastAsync(caller, id, new PageQuery(null, 1), ct);
            if (last.Fault is { } gone) return gone;
            var ended = last.Value.Items is [{ EndedAt: { } at } line] && time.GetUtcNow() - at < Afterwards ? await sessions.FindAsync(caller, id, line.Id, ct) : (Result<SessionView>?)null;
            return new WallView(null, ended is { Ok: true, Value: var view } ? view : null, null, [], []);
        }
        var closing = await sessions.ClosingAsync(caller, id, ct);
        if (closing.Fault is { } unseen) return unseen;
        // While the matrix moves there is no answer for a moment; the next signal brings it.
        var checks = open.Now.Step is { } step && await steps.PageAsync(caller, id, ct) is { Ok: true, Value: var page } ? page.Steps.First(s => s.Step == step).Criteria : [];
        var writing = presence.In(WorksheetDesk.PeopleTopic(id)).Where(p => p.Where is not null).ToLookup(p => p.PersonId, p => WorksheetSpecs.Find(p.Where!.Split('/')[0])?.Title);
        return new WallView(open, null, closing.Value, checks, [.. open.Here.Select(p => new WallPerson(p.Id, p.Name, [.. writing[p.Id].OfType<string>().Distinct()]))]);
    }
}
