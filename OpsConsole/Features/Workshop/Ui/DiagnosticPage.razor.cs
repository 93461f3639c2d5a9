using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpsConsole.Core.Rollouts;
using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>The readiness diagnostic, question by question. What was chosen stands in the address, and what was written in the browser (<c>draft.js</c>), so that a page that is loaded again goes on where it was.</summary>
public sealed partial class DiagnosticPage
{
    private static readonly IReadOnlyList<PageKey> Keys = [new("1", "Choose the first answer"), new("2", "Choose the second answer"), new("3", "Choose the third answer"), new("ArrowLeft", "Back to the question before")];
    private static readonly string Unanswered = new('-', DiagnosticQuestions.All.Count);

    private readonly Dictionary<string, string> _said = new(StringComparer.Ordinal);
    private IReadOnlyList<DiagnosticRow>? _runs;
    private string? _about, _fault, _refusal, _me, _taken;
    private IJSObjectReference? _drafts;
    private string _answers = Unanswered;
    private int _at = -1, _candidates = 1;
    private bool _busy, _moved;
    private ElementReference _heading;

    [SupplyParameterFromQuery] public string? About { get; set; }
    /// <summary>A letter for each question, <c>-</c> where it is open.</summary>
    [SupplyParameterFromQuery] public string? Answers { get; set; }
    /// <summary>The question that is shown, from 0.</summary>
    [SupplyParameterFromQuery] public int? At { get; set; }

    /// <summary>Under which key the browser keeps what was written.</summary>
    private string Draft => $"{_me} diagnostic {_about?.Trim()}";

    private DiagnosticQuestion? Question => _at >= 0 && _at < DiagnosticQuestions.All.Count ? DiagnosticQuestions.All[_at] : null;

    protected override void OnParametersSet()
    {
        _about = About is { Length: > 0 and <= DiagnosticRequest.MaxSubject } ? About : _about;
        _answers = Answers is { } given && given.Length == Unanswered.Length && given.All(c => c == '-' || DiagnosticQuestions.Letters.Contains(c)) ? given : Unanswered;
        // Nobody gets past a question that is open.
        var open = _answers.IndexOf('-');
        _at = string.IsNullOrWhiteSpace(_about) || At is not { } at || at < 0 ? -1 : Math.Min(at, open < 0 ? DiagnosticQuestions.All.Count : open);
    }

    protected override Task OnInitializedAsync() => LoadAsync();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_at < 0 || _me is null) return;
        try
        {
            if (_moved)
            {
                _moved = false;
                await _heading.FocusAsync();
            }
            if (_taken == Draft) return;
            _taken = Draft;
            _drafts ??= await Js.InvokeAsync<IJSObjectReference>("import", "/js/draft.js");
            TakeUp(await _drafts.InvokeAsync<Dictionary<string, string>?>("held", Draft) ?? []);
        }
        catch (Exception e) when (e.IsGone()) { /* nobody is looking any more */ }
    }

    /// <summary>Goes on with what was written before the page was loaded again.</summary>
    private void TakeUp(Dictionary<string, string> held)
    {
        foreach (var word in DiagnosticQuestions.Words) Take(word.Id);
        for (var i = 1; i <= DiagnosticQuestions.Candidates; i++)
            foreach (var what in DiagnosticQuestions.Candidate.Select(q => q.Id).Append("name")) if (Take(DiagnosticScore.Key(i, what))) _candidates = Math.Max(_candidates, i);
        StateHasChanged();

        bool Take(string id)
        {
            if (!held.TryGetValue(id, out var text) || string.IsNullOrWhiteSpace(text)) return false;
            Say(id, text);
            return true;
        }
    }

    private async Task LoadAsync()
    {
        if (await Me.GetAsync() is not { } me) return;
        _me = me.Id;
        var runs = await Desk.ListAsync(me, new PageQuery(null, 20), CancellationToken.None);
        _fault = runs.Fault?.Message;
        if (runs.Ok) _runs = runs.Value.Items;
    }

    private char Given(int question) => _answers[question];

    private void Answer(int answer)
    {
        _answers = _answers[.._at] + DiagnosticQuestions.Letters[answer] + _answers[(_at + 1)..];
        Go(_at + 1);
    }

    private void PressAsync(string key)
    {
        if (Question is null) return;
        if (key == "ArrowLeft") Go(_at - 1);
        else Answer(key[0] - '1');
    }

    private void Begin()
    {
        if (!string.IsNullOrWhiteSpace(_about)) Go(0);
    }

    /// <summary>Whether a workflow has a name and all its answers.</summary>
    private bool IsWhole(int candidate) => DiagnosticQuestions.Candidate.Select(q => q.Id).Append("name").All(what => _said.ContainsKey(DiagnosticScore.Key(candidate, what)));

    private void Go(int at)
    {
        _moved = true;
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters("/diagnostic", new Dictionary<string, object?> { ["about"] = _about?.Trim(), ["answers"] = _answers, ["at"] = at < 0 ? null : at }), replace: true);
    }

    private string Said(string id) => _said.GetValueOrDefault(id, "");

    private void Say(string id, string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) _said.Remove(id);
        else _said[id] = text.Trim();
    }

    private async Task FinishAsync()
    {
        if (_busy) return;
        _busy = true;
        try
        {
            var answers = DiagnosticQuestions.All.Select((q, i) => (q.Id, Text: _answers[i].ToString())).ToDictionary(a => a.Id, a => a.Text);
            // A workflow without a name, or with an open question, is not compared.
            foreach (var (id, text) in _said.Where(s => !s.Key.StartsWith("pilot-", StringComparison.Ordinal) || IsWhole(s.Key[6] - '0'))) answers[id] = text;
            var me = await Me.RequireAsync();
            var run = me.Fault is { } gone ? gone : await Desk.RunAsync(me.Value, new DiagnosticRequest(_about?.Trim() ?? "", answers));
            _refusal = run.Fault?.Message;
            if (!run.Ok) return;
            if (_drafts is not null) await _drafts.InvokeVoidAsync("drop", Draft);
            Navigation.NavigateTo("/diagnostic/" + run.Value);
        }
        finally { _busy = false; }
    }

    public async ValueTask DisposeAsync()
    {
        try { if (_drafts is not null) await _drafts.DisposeAsync(); }
        catch (Exception e) when (e.IsGone()) { /* went with the page */ }
    }
}
