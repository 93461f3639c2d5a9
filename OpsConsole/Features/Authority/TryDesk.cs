using System.Diagnostics;
using System.Text.Json;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Authority;

/// <summary>Tries a call on a matrix that is not in force. Nothing is recorded.</summary>
internal sealed class TryDesk(DurableWriter writer, MatrixDesk matrices, CatalogueDesk catalogues, ExampleDesk examples, TimeProvider time)
{
    private static readonly string[] Columns = ["no gate or no grant", "gate A or observer", "gate B or contributor", "gate C and executor", "gate D and executor"];

    /// <summary>Whoever sees the rollout may try.</summary>
    public Fault? MaySee(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id).Fault;

    /// <summary>On the stored draft, or on the matrix that came along. Faults: those of <see cref="MatrixJson.Parse"/> and <see cref="CallShape.Parse"/>; an agent that is not of this rollout.</summary>
    public async Task<Result<TryView>> TryAsync(PersonCaller caller, string id, TryRequest request, CancellationToken ct)
    {
        var draft = await matrices.DraftAsync(caller, id, ct);
        if (draft.Fault is { } hidden) return hidden;
        var document = MatrixJson.Parse(request.Matrix ?? JsonElement.Parse(draft.Value.Json));
        if (document.Fault is { } wrong) return request.Matrix is null ? wrong : wrong with { Field = wrong.Field is { Length: > 0 } field ? "matrix." + field : "matrix" };
        var catalogue = await catalogues.ReadAsync(caller, id, ct);
        return catalogue.Fault is { } gone ? gone : Try(caller, id, Compile(id, document.Value), catalogue.Value.Catalogue, request.Call, request.Agent, request.Tier, request.Gate is { } gate ? TryRequest.Gates[gate] : null);
    }

    /// <summary>Ready to be tried, under the number that it would be published as.</summary>
    public CompiledPolicy Compile(string id, MatrixDocument document) => CompiledPolicy.Compile(document, 1 + (writer.State.Rollouts.TryGetValue(id, out var rollout) ? rollout.Policy?.Version ?? 0 : 0));

    /// <summary>In memory: cheap enough for every key that is pressed.</summary>
    public Result<TryView> Try(PersonCaller caller, string id, CompiledPolicy policy, ActionCatalogue catalogue, JsonElement call, string? agentId, Tier? tier, Gate? gate)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        AgentAuthority? agent = null;
        if (agentId is not null)
        {
            if (Sight.Agent(state, caller, agentId) is not { Ok: true, Value: var found }) return Fault.NotFound("agent");
            if (found.Rollout.Id != id) return Fault.Refused("agent.elsewhere", $"{found.Name} belongs to another rollout. Choose an agent of this one, or a tier.", "agent");
            agent = found;
        }
        var read = CallShape.Parse(call);
        if (read.Fault is { } wrong) return wrong;
        var trial = Trial.Of(read.Value, policy, rollout, new TrialAs(agent, tier, gate), time.GetUtcNow(), new PatternBudget(Stopwatch.GetTimestamp, Stopwatch.Frequency / 2));
        IReadOnlyList<TriedRow> rows = [.. trial.Rows.Select(r => Row(r, state.Directory.Called))];
        var by = trial.Match.Boundary is not null ? "boundary" : trial.Match.Rule is not null ? "rule" : "default";
        var words = rows is [.., { Decides: true } last] ? last.Sentence : trial.Says == RuleOutcome.Deny ? "No row matches this call, and what no row matches is denied." : "No row matches this call, and what no row matches goes to the rollout's owners.";
        return new TryView(read.Value, new TryVerdict(by, trial.Match.Rule?.Id, by == "default" ? null : rows[^1].Index, trial.Says, trial.Match.Unknown), words, rows, [.. trial.Cells.Select((c, i) => new TryCell(Columns[i], c.Outcome, c.Provisional, i == trial.Column))], trial.Care,
            trial.Answer is { } a ? new TryAnswer(a.Outcome, a is { Provisional: true, Outcome: Outcome.Allow }, TryRequest.GateWord(a.Gate), a.Tier, a.Reasons, a.LimitedBy, a.WouldBe) : null, Hints(read.Value, catalogue, agent));
    }

    /// <summary>What the page needs around a trial.</summary>
    public async Task<Result<TryFrame>> FrameAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        var (catalogue, cases) = (await catalogues.ReadAsync(caller, id, ct), await examples.ReadAsync(caller, id, ct));
        if ((catalogue.Fault ?? cases.Fault) is { } gone) return gone;
        var agents = state.Agents.Values.Where(a => a.Rollout.Id == id && !a.Retired).OrderBy(a => a.Name, StringComparer.OrdinalIgnoreCase).Select(a => new TryAgent(a.Id, a.Name));
        return new TryFrame(catalogue.Value.Catalogue, cases.Value.Examples, rollout.Gate, [.. agents], examples.MayEdit(caller, id) is null);
    }

    private static TriedRow Row(RuleTrace trace, Func<string, string> who)
    {
        var conditions = trace.Rule?.When ?? trace.Boundary!.When;
        // The first of the trace is the resource, where the row names one; it is no condition of the list.
        var before = trace.Conditions.Count - conditions.Count;
        return new TriedRow(trace.Rule?.Id, trace.Index, trace.Rule?.Action ?? trace.Boundary!.Action, trace.Rule?.Outcome ?? RuleOutcome.Deny, trace.Rule is { } rule ? RuleSentence.Of(rule, who) : RuleSentence.Of(trace.Boundary!), trace.Truth, trace.Decides,
            [.. trace.Conditions.Select((c, i) => new TriedCondition(c.Text, i < before ? c.Text : RuleSentence.Of(conditions[i - before]), c.Truth, c.Why))]);
    }

    private static List<string> Hints(JsonElement call, ActionCatalogue catalogue, AgentAuthority? agent)
    {
        var hints = new List<string>();
        var action = call.GetProperty("action").GetString()!;
        var listed = catalogue.Find(action);
        if (listed is null && catalogue.Actions.Count > 0) hints.Add($"The register does not list {action}. Is it spelled as the agent spells it?");
        if (agent is { Kind: AgentKind.Copilot } && !call.TryGetProperty("on_behalf_of", out _)) hints.Add($"{agent.Name} is a copilot: an ask of it that does not say on whose behalf is refused.");
        if (listed?.ArgumentsSchema is { } schema) hints.AddRange(SchemaFit.Misfits(schema, call.TryGetProperty("arguments", out var arguments) ? arguments : JsonElement.Parse("{}")).Select(m => "Arguments: " + m));
        return hints;
    }
}
