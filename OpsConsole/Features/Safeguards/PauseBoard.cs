using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Safeguards;

/// <summary>What a pause switch is for.</summary>
public enum PauseTarget { Everything, Rollout, Agent }

/// <summary>One switch: what it stops, whether it is pulled, and whether the reader may move it.</summary>
public sealed record PauseLine(PauseTarget Target, string Id, string Name, PauseState State, bool MayPause, bool MayResume)
{
    public bool MayFlip => State.Paused ? MayResume : MayPause;
    public string Verb => (State.Paused ? "Resume " : "Pause ") + Target switch { PauseTarget.Agent => "agent", PauseTarget.Rollout => "rollout", _ => "everything" };
}

/// <summary>The switches that a person sees, from memory; and whether the console can record at all.</summary>
internal sealed class PauseBoard(DurableWriter writer)
{
    public WriterHealth Health => writer.Health;

    /// <summary>Everything first, then rollouts, then agents, by name; only what the person sees and what is not archived. Empty for nobody.</summary>
    public IReadOnlyList<PauseLine> Lines(PersonCaller? caller)
    {
        var state = writer.State;
        if (caller is null || Sight.Me(state, caller) is not { Ok: true, Value: var me }) return [];
        var visible = Permissions.VisibleRollouts(me, state);
        var rollouts = state.Rollouts.Values.Where(r => !r.Archived && (visible?.Contains(r.Id) ?? true)).OrderBy(r => r.Name, StringComparer.OrdinalIgnoreCase)
            .Select(r => new PauseLine(PauseTarget.Rollout, r.Id, r.Name, State(state, r.Paused), Permissions.MayPause(me, r), Permissions.MayPause(me, r)));
        var agents = state.Agents.Values.Where(a => !a.Retired && (a.OwnerId == me.Id || (visible?.Contains(a.Rollout.Id) ?? true))).OrderBy(a => a.Name, StringComparer.OrdinalIgnoreCase)
            .Select(a => new PauseLine(PauseTarget.Agent, a.Id, a.Name, State(state, a.Paused), Permissions.MayPause(me, a), Permissions.MayResume(me, a)));
        return [new PauseLine(PauseTarget.Everything, "", "Everything", State(state, state.Paused), Permissions.MayPauseEverything(me, state), Permissions.MayResumeEverything(me)), .. rollouts, .. agents];
    }

    private static PauseState State(ConsoleState state, PauseInfo? paused) => paused is null ? new PauseState(false) : new PauseState(true, paused.At, paused.By, state.Directory.NameOf(paused.By), paused.Reason);
}
