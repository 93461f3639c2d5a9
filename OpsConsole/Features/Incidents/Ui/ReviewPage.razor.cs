using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Incidents.Ui;

/// <summary>The review: the incident's page, later. Sections are kept as they are left; what could not be kept stays in its field.</summary>
public sealed partial class ReviewPage
{
    private static readonly (string Kind, string Words)[] Kinds = [("eval_case", "Eval case…"), ("rule", "Rule…"), ("runbook", "Runbook…")];
    private static readonly string[] Topics = [IncidentDesk.Topic, "state"];

    /// <summary>What the reader wrote and the console has not taken.</summary>
    private readonly Dictionary<string, string> _mine = [];
    /// <summary>What sections said when the reader began to write them; they stay as they were under their hands.</summary>
    private readonly Dictionary<string, string> _was = [];
    private ReviewView? _review;
    private IncidentStory? _story;
    private Fault? _fault;
    private string? _refusal, _publishRefusal, _meId, _of, _text, _owner;
    private DateOnly? _due;
    private bool _busy, _publishing;
    private Lessons? _lessons;

    [Parameter] public string Id { get; set; } = "";

    protected override async Task OnParametersSetAsync()
    {
        if (_of != Id)
        {
            (_of, _review, _story, _refusal) = (Id, null, null, null);
            _mine.Clear();
            _was.Clear();
            await Task.Yield();   // rendered, so listening, before anything is read
        }
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var id = Id;
        var me = await Me.RequireAsync();
        var story = me.Fault is { } gone ? gone : await Reader.FindAsync(me.Value, id, CancellationToken.None);
        var review = story.Fault is { } hidden ? hidden : await Desk.FindAsync(me.Value, id, CancellationToken.None);
        if (id != Id) return;   // another one was opened meanwhile
        (_fault, _meId) = (review.Fault, me.Ok ? me.Value.Id : null);
        if (review.Ok) (_story, _review) = (story.Value, review.Value);
    }

    private async Task WriteAsync(string section, string? text)
    {
        _mine[section] = text ?? "";
        var was = _was.GetValueOrDefault(section) ?? Said(section);
        var kept = await ChangeAsync(me => Desk.WriteAsync(me, Id, section, text ?? "", null, was));
        if (!kept) _was[section] = Said(section);   // it is shown beside what was not taken, so the reader knows it now
        else if (_mine.Remove(section)) _was.Remove(section);
    }

    private void Begin(string section) => _was.TryAdd(section, Said(section));

    private void Leave(string section)
    {
        if (!_mine.ContainsKey(section)) _was.Remove(section);
    }

    private string Said(string section) => _review?.Sections.FirstOrDefault(s => s.Key == section)?.Text ?? "";

    private async Task PublishAsync()
    {
        var done = await ChangeAsync(me => Desk.PublishAsync(me, Id));
        _publishRefusal = _refusal;
        if (!done) return;
        _publishing = false;
        Toasts.Done("The review is published.");
    }

    private async Task AddAsync()
    {
        if (_text is { } text && _owner is { } owner && _due is { } due && await ChangeAsync(me => Desk.AddActionAsync(me, Id, text, owner, due))) (_text, _owner, _due) = (null, null, null);
    }

    private async Task LearnAsync(ActionView action, string kind) => _refusal = _lessons is null ? null : await _lessons.OpenAsync(action, kind);

    private static string Became(LessonView lesson) => lesson.Kind switch { "eval_case" => "an eval case", "rule" => $"row {VisibleText.Flatten(lesson.Reference)} of the matrix's draft", _ => "the runbook was changed" };

    private string Where(LessonView lesson)
    {
        var rollout = "/rollouts/" + _story!.Incident.RolloutId;
        return lesson.Kind switch { "eval_case" => rollout + "/eval-cases", "rule" => $"{rollout}/matrix?row={Uri.EscapeDataString(lesson.Reference)}", _ => rollout + "/worksheets/escalation" };
    }

    private Task<bool> TickAsync(ActionView action) => ChangeAsync(me => Desk.TickAsync(me, Id, action.Id, action.DoneAt is null));

    private async Task<bool> ChangeAsync(Func<PersonCaller, Task<Result<Done>>> change)
    {
        _busy = true;
        try
        {
            var me = await Me.RequireAsync();
            var done = me.Fault is { } gone ? gone : await change(me.Value);
            _refusal = done.Fault?.Message;
            await LoadAsync();
            return done.Ok;
        }
        finally { _busy = false; }
    }

    private static string Day(DateOnly day) => day.ToString("ddd d MMM yyyy", CultureInfo.InvariantCulture);
}
