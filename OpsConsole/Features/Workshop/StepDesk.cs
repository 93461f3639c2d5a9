using OpsConsole.Core.Access;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Rollouts;

namespace OpsConsole.Features.Workshop;

/// <summary>The six steps of a rollout: which are done, and what the others still lack.</summary>
internal sealed class StepDesk(DurableWriter writer, EvidenceReader reader)
{
    public async Task<Result<StepsView>> PageAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        if (Sight.Rollout(writer.State, caller, id).Fault is { } hidden) return hidden;
        var read = await reader.OfAsync(id, ct);
        if (read.Fault is { } fault) return fault;
        var evidence = read.Value;
        var steps = Steps.Of(evidence).Zip(StepGuide.All, (standing, guide) => new StepView(guide.Step, guide.Name, guide.Purpose, guide.DoneWhen, standing.Done, [.. guide.Owners.SelectMany(Owners)],
            [.. guide.Outputs.Select(o => new StepOutput(o.Title, $"/rollouts/{id}{(o.Place[0] == '#' ? "" : "/")}{o.Place}"))], [.. standing.Requirements.Select(r => CriterionView.Of(r, evidence))], guide.Pitfalls));
        return new StepsView(evidence.Rollout.Name, caller.Id, [.. steps], [.. ConfirmationRules.All.Where(r => evidence.MayConfirm(caller.Id, r)).Select(r => r.Subject)]);

        IEnumerable<StepOwner> Owners(RolloutRole role)
        {
            var named = evidence.Active(role, false);
            return named.Count == 0 ? [new StepOwner(role.Wire(), null, null)] : named.Select(p => new StepOwner(role.Wire(), p, evidence.Directory.NameOf(p)));
        }
    }
}
