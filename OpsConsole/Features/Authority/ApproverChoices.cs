using OpsConsole.Core.Access;
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
}
