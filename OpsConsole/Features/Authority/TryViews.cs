using System.Text.Json;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority;

/// <summary>An example, in the fields that <c>PUT rollouts/{id}/matrix/examples</c> takes.</summary>
public sealed record ExampleEntry(string Id, string Name, JsonElement Call, RuleOutcome Expect, string? Note)
{
    internal static ExampleEntry Of(MatrixExample e) => new(e.Id, e.Name, e.Call, e.Expect, e.Note);
}

/// <summary>A page of the examples, and the number their ETag shows.</summary>
public sealed record ExamplesPage(long Version, Wire.Page<ExampleEntry> Page)
{
    public static string Tag(long version) => $"\"e{version}\"";
}

/// <summary>What <c>PUT rollouts/{id}/matrix/examples</c> answers.</summary>
/// <param name="Entry">The entry of the log whose payload keeps the list as it was saved now; null when nothing changed.</param>
public sealed record ExamplesSaved(long Version, int Examples, long? Entry);

/// <summary><c>POST rollouts/{id}/matrix/try</c>.</summary>
/// <param name="Call">As an agent asks: action, resource, arguments, confidence, expected_cost, on_behalf_of.</param>
/// <param name="Matrix">In place of the draft.</param>
/// <param name="Agent">Who asks; its own grants count unless <paramref name="Tier"/> is said.</param>
/// <param name="Gate"><c>none</c>, <c>A</c> to <c>D</c>; the rollout's own unless said.</param>
public sealed record TryRequest(JsonElement Call, JsonElement? Matrix, string? Agent, Tier? Tier, string? Gate)
{
    private static readonly Dictionary<string, Tier> Tiers = new() { ["observer"] = Core.Trust.Tier.Observer, ["contributor"] = Core.Trust.Tier.Contributor, ["executor"] = Core.Trust.Tier.Executor };
    internal static readonly Dictionary<string, Gate> Gates = new() { ["none"] = Core.Rollouts.Gate.None, ["A"] = Core.Rollouts.Gate.A, ["B"] = Core.Rollouts.Gate.B, ["C"] = Core.Rollouts.Gate.C, ["D"] = Core.Rollouts.Gate.D };

    internal static TryRequest Read(Fields fields)
    {
        var matrix = fields.Any("matrix");
        return new(fields.Any("call", required: true), matrix.ValueKind == JsonValueKind.Undefined ? null : matrix, fields.Text("agent", 100), fields.Word("tier", Tiers), fields.Word("gate", Gates) is { } gate ? GateWord(gate) : null);
    }

    internal static string GateWord(Gate gate) => gate == Core.Rollouts.Gate.None ? "none" : gate.ToString();
}

/// <summary>One condition of a row: what it said about the call, and what stood there.</summary>
public sealed record TriedCondition(string Text, string Sentence, Truth Truth, string Why);

/// <summary>A row that covers the action.</summary>
/// <param name="Rule">Null for a boundary.</param>
/// <param name="Index">Its place among the rules, or among the boundaries.</param>
/// <param name="Sentence">The row in plain language.</param>
public sealed record TriedRow(string? Rule, int Index, string Action, RuleOutcome Outcome, string Sentence, Truth Truth, bool Decides, IReadOnlyList<TriedCondition> Conditions);

/// <summary>What the matrix says, before tier and gate.</summary>
/// <param name="By"><c>boundary</c>, <c>rule</c> or <c>default</c>.</param>
/// <param name="Index">Its place among the boundaries or the rules.</param>
/// <param name="Unknown">It applies only because a condition could not be answered from the call.</param>
public sealed record TryVerdict(string By, string? Rule, int? Index, RuleOutcome Outcome, bool Unknown);

/// <summary>A column of the table of tier and gate: what this call would get there.</summary>
/// <param name="Column">What opens it, in words.</param>
/// <param name="Applies">Whether it is the one of who asks.</param>
public sealed record TryCell(string Column, Outcome Outcome, bool Provisional, bool Applies);

/// <summary>The answer to who asks. <paramref name="Reasons"/> as a decision gives them; the number of the matrix is the one it would be published under.</summary>
public sealed record TryAnswer(Outcome Outcome, bool Provisional, string Gate, Tier? Tier, IReadOnlyList<Reason> Reasons, string? LimitedBy, Outcome? WouldBe);

/// <summary>What a matrix makes of a call. Nothing is recorded or counted, and pauses, caps and loops are not looked at.</summary>
/// <param name="Call">As it was understood.</param>
/// <param name="Trace">The rows that cover the action, in order, up to and with the one that decides.</param>
/// <param name="Care">Why a write waits for a person whatever the rules allow.</param>
/// <param name="Answer">Null while nobody is said to ask.</param>
/// <param name="Hints">What looks odd about the call; nothing is refused for it.</param>
public sealed record TryView(JsonElement Call, TryVerdict Decides, string Words, IReadOnlyList<TriedRow> Trace, IReadOnlyList<TryCell> Table, IReadOnlyList<Reason> Care, TryAnswer? Answer, IReadOnlyList<string> Hints);

/// <summary>An agent that can stand for who asks.</summary>
public sealed record TryAgent(string Id, string Name);

/// <summary>An example, and how a matrix answers it.</summary>
public sealed record ExampleMark(MatrixExample Example, ExampleAnswer Answer)
{
    public bool Holds => Answer.Said == Example.Expect;
}

/// <summary>What 'Try it' is made of: the register, the examples, and who could ask.</summary>
internal sealed record TryFrame(ActionCatalogue Catalogue, MatrixExamples Examples, Gate Gate, IReadOnlyList<TryAgent> Agents, bool MayEdit);
