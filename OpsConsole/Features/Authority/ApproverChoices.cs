using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Authority;

/// <summary>Somebody who can be named as an approver.</summary>
/// <param name="Approver"><c>group:name</c> or <c>user:email</c>.</param>
/// <param name="Label">How a person is told apart from others: name and e-mail; a group with its size.</param>
public sealed record ApproverChoice(string Approver, string Label);

/// <summary>Whom a matrix can name.</summary>
internal sealed class ApproverChoices(DurableWriter writer)
{
    private const string Editors = "A matrix is written by the rollout's owners, its engineering owner, its risk lead, a facilitator or an admin.";

    /// <summary>Groups by name, then people by name; for whoever may write the rollout's matrix.</summary>
    public Result<IReadOnlyList<ApproverChoice>> List(PersonCaller caller, string rolloutId)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, rolloutId, Permissions.MayEdit, Editors).Fault is { } fault) return fault;
        ApproverChoice[] all =
        [
            .. state.Directory.Groups.Values.OrderBy(g => g.Name, StringComparer.OrdinalIgnoreCase).Select(g => new ApproverChoice("group:" + g.Name, $"{VisibleText.Flatten(g.Name)} ({g.MemberIds.Count} {(g.MemberIds.Count == 1 ? "person" : "people")})")),
            .. state.Directory.People.Values.Where(p => !p.Disabled && p.Email.Length > 0).OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Select(p => new ApproverChoice("user:" + p.Email, $"{VisibleText.Flatten(p.Name)}, {p.Email}")),
        ];
        return all;
    }

    /// <summary>What rules of a matrix ask of more people than they name, in words: 'F-8 (invoice.approve) takes 2 people, and only Dana is chosen.' Whoever is only invited counts, whoever is disabled does not.</summary>
    public IReadOnlyList<string> TooFew(MatrixDocument document)
    {
        var directory = writer.State.Directory;
        List<string> words = [];
        foreach (var rule in document.Rules.Where(r => r.Outcome == RuleOutcome.Approve && r.Approvers.Count > 0))
        {
            var people = rule.Approvers.SelectMany(directory.Resolve).Where(p => !p.Disabled).DistinctBy(p => p.Id).ToList();
            if (people.Count >= rule.Quorum) continue;
            var chosen = people.Count == 0 ? "nobody is in " + string.Join(" or ", rule.Approvers.Select(ApproverCells.Called).Distinct(StringComparer.OrdinalIgnoreCase)) : $"only {string.Join(", ", people.Select(p => p.Name))} {(people.Count == 1 ? "is" : "are")} chosen";
            words.Add(VisibleText.Flatten($"{rule.Id} ({rule.Action}) takes {(rule.Quorum == 1 ? "one person" : $"{rule.Quorum} people")}, and {chosen}."));
        }
        return words;
    }
}
