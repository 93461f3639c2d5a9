using System.Text.Json;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Authority;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>A call that a row is made from.</summary>
/// <param name="From">The request or the decision, by its id.</param>
/// <param name="Rule">That governed it; null or <c>default</c>: none of the matrix.</param>
public sealed record SampleCall(string RolloutId, string From, string Action, string? ResourceType, string? Rule, JsonElement Arguments);

/// <summary>The dialog that makes a row of the matrix's draft from a call: everything that the next call has to share is ticked, so the row begins as narrow as the call.</summary>
public sealed partial class RuleFromCall
{
    private sealed class Line(ArgumentLeaf leaf)
    {
        public string Name { get; } = leaf.Path;
        public string Field { get; } = leaf.Pointer!;
        public JsonElement Value { get; } = leaf.Value;
        public bool On { get; set; } = true;
        public Op Op { get; set; } = leaf.Value.ValueKind == JsonValueKind.Number ? Op.LessOrEqual : Op.Equal;

        public Condition Condition => new() { Field = Field, Op = Op, Value = Value };
    }

    private readonly string _name = $"propose-{Guid.NewGuid():N}";
    private IReadOnlyList<Line> _lines = [];
    private RuleOutcome? _outcome;
    private string? _of;
    private string _why = "";
    private string? _wrong;
    private bool _resource, _busy;

    [Parameter] public bool Open { get; set; }
    [Parameter] public EventCallback<bool> OpenChanged { get; set; }
    [Parameter, EditorRequired] public string Title { get; set; } = "";
    [Parameter, EditorRequired] public SampleCall Call { get; set; } = default!;
    [Parameter] public RenderFragment? Above { get; set; }
    [Parameter] public RenderFragment? Below { get; set; }
    /// <summary>Puts it into the draft; gives why not, or null. The dialog does not close by itself.</summary>
    [Parameter, EditorRequired] public Func<RuleProposal, Task<string?>> Propose { get; set; } = default!;

    private RuleProposal Proposal => new(Call.Action, _resource && Call.ResourceType is { } type ? new ResourcePattern(type) : null, [.. _lines.Where(l => l.On).Select(l => l.Condition)], _outcome ?? RuleOutcome.Approve, Call.Rule is "default" ? null : Call.Rule, Call.From, _why);

    protected override void OnParametersSet()
    {
        if (Open && _of != Call.From)
        {
            _lines = [.. ArgumentLeaf.Of(Call.Arguments).Where(l => l.Pointer is not null && l.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False).Take(Most).Select(l => new Line(l))];
            (_outcome, _resource, _why, _wrong) = (null, Call.ResourceType is not null, "", null);
        }
        _of = Open ? Call.From : null;
    }

    private async Task ProposeAsync()
    {
        if (_outcome is null)
        {
            _wrong = "Choose what happens the next time.";
            return;
        }
        if (_busy) return;
        _busy = true;
        try { _wrong = await Propose(Proposal); }
        finally { _busy = false; }
    }
}
