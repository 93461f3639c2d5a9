using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority;

/// <summary>What <c>POST publish</c> answers (202) when a second person has to publish the same draft.</summary>
/// <param name="Draft">The number of the draft that was proposed, as in its ETag.</param>
public sealed record ProposedView(string Status, string ProposedBy, string ProposedByName, long Draft, string Needs, IReadOnlyList<FindingView> Warnings);

/// <summary>A proposal that waits for a second person, for the page.</summary>
/// <param name="Mine">The reader proposed it, so somebody else has to publish it.</param>
public sealed record ProposalView(string By, string ByName, DateTimeOffset At, string Reason, long Draft, bool Mine);

/// <summary><c>DELETE rollouts/{id}/matrix/proposal</c>; the reason may be left out.</summary>
public sealed record WithdrawRequest(string? Reason)
{
    internal static WithdrawRequest Read(Fields fields) => new(fields.Text("reason"));

    /// <summary>What is wrong with it, or null; the service asks.</summary>
    internal Fault? Check() => TextRules.Wrong("reason", Reason, PublishRequest.MaxReason);
}

/// <summary>Publishing by two people, where the rollout asks for it: the first proposes the draft as it stands, a second who may publish puts it in force.</summary>
internal static class SecondPerson
{
    public const string Needs = "a second person who may publish";

    /// <summary>Whether this call only proposes: nobody proposed this draft yet. False: it may go in force now. Faults: <c>matrix.second_person</c>.</summary>
    /// <param name="pinned">Whether the caller said which draft they mean: nobody confirms what they have not seen.</param>
    public static Result<bool> OnlyProposes(Rollout rollout, PersonCaller caller, ConsoleState state, bool pinned)
        => !rollout.SecondPublisher ? false
         : Standing(rollout, state) is not { } proposal ? true
         : proposal.By != caller.Id ? pinned ? false : new Fault(FaultKind.PreconditionRequired, "if_match.required", $"Draft v{proposal.DraftVersion} is proposed. Send its ETag as If-Match, so that you put in force what you have seen.")
         : Fault.Conflict("matrix.second_person", $"You proposed this draft at {proposal.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture)} UTC. It takes {Needs}: the rollout owner, the risk lead, their deputies or an admin. Ask one of them, or take the proposal back.");

    public static ProposedView Propose(ChangeScope scope, Rollout rollout, PersonCaller caller, string reason, string sha, int rules, int boundaries, IReadOnlyList<FindingView> warnings)
    {
        rollout.Propose(new MatrixProposal(rollout.DraftVersion, caller.Id, scope.Now, reason));
        scope.Audit(caller.Actor, "matrix.proposed", rollout.Id, new { draft = rollout.DraftVersion, sha256 = sha, rules, boundaries, warnings = warnings.Count }, new { reason }, rollout.Id);
        scope.Signal("matrix:" + rollout.Id);
        return new ProposedView("proposed", caller.Id, scope.State.Directory.NameOf(caller.Id), rollout.DraftVersion, Needs, warnings);
    }

    /// <summary>The proposal of the draft as it stands, by somebody who may still publish.</summary>
    public static MatrixProposal? Standing(Rollout rollout, ConsoleState state) => rollout.Proposal is { } proposal && proposal.DraftVersion == rollout.DraftVersion
        && state.Directory.People.TryGetValue(proposal.By, out var by) && state.Rollouts.TryGetValue(rollout.Id, out var authority) && Permissions.MayPublish(by, authority) ? proposal : null;
}
