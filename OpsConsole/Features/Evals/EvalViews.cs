using System.Text.Json;
using OpsConsole.Core.Evals;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Decisions;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Evals;

/// <summary>A kept case.</summary>
/// <param name="ApprovalId">The request that was rejected; null where the case comes from the review of <paramref name="IncidentId"/>, or, where that is null too, from a shadow sample.</param>
/// <param name="Arguments">As they were when a person said no or let it go: an approver's edit stands here in place of what the agent sent.</param>
/// <param name="Expected">What an agent should get, or better not ask for: <c>deny</c>, or <c>approve</c> where a person should be asked.</param>
public sealed record EvalCaseView(string Id, string RolloutId, string AgentId, string AgentName, string? ApprovalId, string? IncidentId, string DecisionId, string Action, JsonElement? Resource, JsonElement Arguments, JsonElement? Context, string? Reasoning,
    string Expected, EvalCategory Category, string? ReasonCode, string? Reason, string By, DateTimeOffset At)
{
    internal static EvalCaseView Of(EvalCase c, string agentName, string by)
    {
        var call = JsonElement.Parse(c.Call);
        return new(c.Id, c.RolloutId, c.AgentId, agentName, c.ApprovalId, c.IncidentId, Ids.Rename(c.Id, "dec"), c.Action, Part("resource"), AskReader.Child(call, "arguments"), Part("context"), AskReader.Member(call, "reasoning"), c.Expected.ToString().ToLowerInvariant(), c.Category, c.ReasonCode, c.Reason, by, c.CreatedAt);

        JsonElement? Part(string name) => AskReader.Child(call, name) is { ValueKind: not JsonValueKind.Undefined } part ? part : null;
    }
}

/// <summary><c>POST rollouts/{id}/eval_cases/{case}/remove</c>.</summary>
public sealed record RemoveCaseRequest(string Reason)
{
    internal static RemoveCaseRequest Read(Fields fields) => new(fields.Text("reason", required: true) ?? "");
}
