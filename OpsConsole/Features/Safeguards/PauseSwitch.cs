using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Safeguards;

/// <summary>Whether something stands still after the call, and since when, by whom and why.</summary>
public sealed record PauseState(bool Paused, DateTimeOffset? At = null, string? By = null, string? ByName = null, string? Reason = null);

/// <summary><c>POST …/pause</c> and <c>…/resume</c>. Words are asked for on pages; a script in a hurry may leave them out.</summary>
public sealed record PauseRequest(string? Reason)
{
    public const int MaxReason = 2_000;
    internal static PauseRequest Read(Fields fields) => new(fields.Text("reason", MaxReason));
}

/// <summary>The switches that stop an agent, a rollout or everything before the very next decision, and let it run again. Pausing what is paused changes nothing.</summary>
internal sealed class PauseSwitch(DurableWriter writer)
{
    private const string NoWords = "no reason given";
    private const string AgentPausers = "An agent is paused by its owner, by whoever answers for its rollout, or by an admin; an owner lets it run again only after a pause of their own.";
    private const string RolloutPausers = "A rollout is paused and resumed by its owners, its incident owner, its engineering owner, its risk lead, or an admin.";
    private const string EverythingPausers = "Everything is paused by an admin or an incident owner, and resumed by an admin.";

    public Fault? MayAgent(PersonCaller caller, string id, bool pause) => Sight.Agent(writer.State, caller, id, pause ? Permissions.MayPause : Permissions.MayResume, AgentPausers).Fault;
    public Fault? MayRollout(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id, Permissions.MayPause, RolloutPausers).Fault;
    public Fault? MayEverything(PersonCaller caller, bool pause) => MayEverything(writer.State, caller, pause);

    /// <summary>Whatever a line of the board stands for.</summary>
    public Task<Result<PauseState>> FlipAsync(PersonCaller caller, PauseLine line, bool pause, string? reason) => line.Target switch
    {
        PauseTarget.Agent => AgentAsync(caller, line.Id, pause, reason),
        PauseTarget.Rollout => RolloutAsync(caller, line.Id, pause, reason),
        _ => EverythingAsync(caller, pause, reason),
    };

    public Task<Result<PauseState>> AgentAsync(PersonCaller caller, string id, bool pause, string? reason)
        => writer.ChangeAsync<PauseState>(async (scope, ct) =>
        {
            if (Sight.Agent(scope.State, caller, id, pause ? Permissions.MayPause : Permissions.MayResume, AgentPausers).Fault is { } fault) return fault;
            var agent = await scope.Db.Agents.SingleAsync(a => a.Id == id, ct);
            if (pause ? agent.Pause(Words(reason), caller.Id, scope.Now) : agent.Resume()) Record(scope, caller, pause, "agent", id, reason, agent.RolloutId);
            return State(scope.State, agent.PausedAt, agent.PausedBy, agent.PausedReason);
        });

    public Task<Result<PauseState>> RolloutAsync(PersonCaller caller, string id, bool pause, string? reason)
        => writer.ChangeAsync<PauseState>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, id, Permissions.MayPause, RolloutPausers).Fault is { } fault) return fault;
            var rollout = await scope.Db.Rollouts.SingleAsync(r => r.Id == id, ct);
            if (pause ? rollout.Pause(Words(reason), caller.Id, scope.Now) : rollout.Resume()) Record(scope, caller, pause, "rollout", id, reason, id);
            return State(scope.State, rollout.PausedAt, rollout.PausedBy, rollout.PausedReason);
        });

    public Task<Result<PauseState>> EverythingAsync(PersonCaller caller, bool pause, string? reason)
        => writer.ChangeAsync<PauseState>((scope, _) =>
        {
            if (MayEverything(scope.State, caller, pause) is { } fault) return Task.FromResult<Result<PauseState>>(fault);
            var head = scope.Head;
            if (pause != head.PausedAt is not null)
            {
                (head.PausedAt, head.PausedBy, head.PausedReason) = (pause ? scope.Now : null, pause ? caller.Id : null, pause ? Words(reason) : null);
                Record(scope, caller, pause, "everything", "console", reason, null);
            }
            return Task.FromResult<Result<PauseState>>(State(scope.State, head.PausedAt, head.PausedBy, head.PausedReason));
        });

    private static Fault? MayEverything(ConsoleState state, PersonCaller caller, bool pause)
        => Sight.Me(state, caller) is { Ok: true, Value: var me } && (pause ? Permissions.MayPauseEverything(me, state) : Permissions.MayResumeEverything(me)) ? null : Fault.Forbidden(EverythingPausers);

    private static void Record(ChangeScope scope, PersonCaller caller, bool pause, string what, string id, string? reason, string? rolloutId)
    {
        scope.Audit(caller.Actor, $"{what}.{(pause ? "paused" : "resumed")}", id, null, new { reason = Words(reason) }, rolloutId);
        scope.AuthorityChanged();
    }

    private static PauseState State(ConsoleState state, DateTimeOffset? at, string? by, string? reason)
        => at is null ? new PauseState(false) : new PauseState(true, at, by, by is null ? null : state.Directory.NameOf(by), reason);

    private static string Words(string? reason) => string.IsNullOrWhiteSpace(reason) ? NoWords : reason.Trim();
}
