using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Shared;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Incidents.Ui;

/// <summary>One incident: who has it or who is told next, its timeline, what it touched, its times and people.</summary>
public sealed partial class IncidentPage
{
    private const string LetGo = "let_go";
    private static readonly string[] Topics = [IncidentDesk.Topic, "state"];
    private static readonly string[] Roles = [.. Enum.GetNames<IncidentRole>().Select(r => r.ToLowerInvariant())];
    private static readonly PageKey[] Keys = [new("o", "I have it"), new("u", "Write what is new"), new("e", "Correct what is said")];

    private IncidentStory? _story;
    private Fault? _fault;
    private string? _refusal, _linkRefusal, _moveRefusal, _moveWords, _asking, _meId, _of;
    private string _words = "", _said = "", _response = "", _link = "";
    private ResponseView? _takingBack;
    private bool _busy, _update, _editing, _responding;
    private ElementReference _say;

    [Parameter] public string Id { get; set; } = "";

    private bool Open => _story?.Incident.Status is "triage" or "active" or "mitigated";

    protected override async Task OnParametersSetAsync()
    {
        if (_of != Id)
        {
            (_of, _story, _refusal, _linkRefusal, _asking, _editing, _words, _link) = (Id, null, null, null, null, false, "", "");
            await Task.Yield();   // rendered, so listening, before anything is read
        }
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var id = Id;
        var me = await Me.RequireAsync();
        var story = me.Fault is { } gone ? gone : await Reader.FindAsync(me.Value, id, CancellationToken.None);
        if (id != Id) return;   // another one was opened meanwhile
        if (story.Ok && _story is { } before && before.Timeline.Count < story.Value.Timeline.Count) _said = VisibleText.Flatten(story.Value.Timeline[^1].Text);
        (_fault, _story, _meId) = (story.Fault, story.Ok ? story.Value : null, me.Ok ? me.Value.Id : null);
    }

    private Task<bool> TakeAsync() => ChangeAsync(me => Desk.AcknowledgeAsync(me, Id), refusal => _refusal = refusal, _story?.Incident.Owner is { } before ? $"You have it now, instead of {before.Name}." : "You have it. The escalation has stopped.");

    private async Task SayAsync()
    {
        var (words, update) = (_words, _update);
        if (await ChangeAsync(me => Desk.SayAsync(me, Id, words, update), refusal => _refusal = refusal, update ? "Those who follow it are told." : null)) (_words, _update) = ("", false);
    }

    private async Task AddLinkAsync()
    {
        var link = _link.Trim();
        if (link.Length > 0 && await LinkAsync(link.StartsWith("dec_", StringComparison.Ordinal) ? "decision" : "run", link, true)) _link = "";
    }

    private Task<bool> LinkAsync(string kind, string reference, bool linked) => ChangeAsync(me => Desk.LinkAsync(me, Id, kind, reference, linked), refusal => _linkRefusal = refusal, null);

    private void Ask(string what) => (_asking, _moveWords, _moveRefusal) = (what, null, null);

    private async Task MoveAsync()
    {
        if (_asking is not { } what) return;
        var done = what == LetGo ? await ChangeAsync(me => Desk.LetGoAsync(me, Id, _moveWords), refusal => _moveRefusal = refusal, "Let go: it escalates.")
            : await ChangeAsync(me => Desk.MoveAsync(me, Id, Enum.Parse<IncidentStatus>(what, ignoreCase: true), _moveWords, _story?.Incident.Version), refusal => _moveRefusal = refusal, null);
        if (done) _asking = null;
    }

    private void AskResponse() => (_responding, _moveRefusal) = (true, null);

    private async Task RespondAsync()
    {
        var kind = ResponseKinds.Words[_response];
        if (await ChangeAsync(me => Desk.RespondAsync(me, Id, kind), refusal => _moveRefusal = refusal, null)) (_responding, _response) = (false, "");
    }

    private async Task TakeBackAsync()
    {
        if (_takingBack is { } response && await ChangeAsync(me => Desk.TakeBackAsync(me, Id, response.Id), refusal => _moveRefusal = refusal, null)) _takingBack = null;
    }

    private static string ResponseWords(string response) => response switch
    {
        "pause_agent" => "Its agents stand still from the next decision on: those of the decisions and runs named here, or all of the rollout where none is named. What waits for approval is held.",
        "pause_rollout" => "All agents of the rollout stand still from the next decision on. What waits for approval is held.",
        "reduce_authority" => "Every tier of its agents is lowered by one.",
        "route_to_review" => "Nothing runs alone any more: every write of its agents waits for a person.",
        "quarantine" => "Its agents stand still and all their keys are revoked: nothing can be asked or reported with them any more, and what they were to undo is for people. Resuming gives no key back.",
        "trigger_rollback" => "What the linked decisions and runs wrote is undone, newest first. Undoing cannot be taken back.",
        "hold_scaling" => "Gate D stays shut until somebody verifies by name that this is remedied.",
        _ => "They are told, and hear of every update.",
    };

    private bool MayCorrect => _story is { MayTakePart: true, Incident.MayMoveTo.Count: > 0 };

    private void OpenEdit() => _editing = MayCorrect;

    private async Task<bool> ChangeAsync(Func<PersonCaller, Task<Result<IncidentView>>> change, Action<string?> refused, string? said)
    {
        if (_busy) return false;
        _busy = true;
        try
        {
            var me = await Me.RequireAsync();
            var done = me.Fault is { } gone ? gone : await change(me.Value);
            refused(done.Fault?.Message);
            if (done.Ok && said is not null) Toasts.Done(said);
            await LoadAsync();
            return done.Ok;
        }
        finally { _busy = false; }
    }

    private async Task OnKeyAsync(string key)
    {
        if (_story is not { MayTakePart: true } story) return;
        if (key == "o" && Open && story.Incident.Owner?.Id != _meId) await TakeAsync();
        else if (key == "u") await _say.FocusAsync();
        else if (key == "e") OpenEdit();
    }

    private static string Verb(string to) => to switch { LetGo => "Hand it back", "active" => "Open it again", "mitigated" => "Mark mitigated", "resolved" => "Resolve", "closed" => "Close it", "cancelled" => "Not an incident", _ => to };

    private static string Consequence(string? to) => to switch
    {
        LetGo => "Nobody has it then, and it escalates at once.",
        "active" => "It was not over after all: its later times are taken back, and stay on the timeline.",
        "mitigated" => "The harm has stopped, but what was wrong is not right yet. The time is kept.",
        "resolved" => "What was wrong is right for everybody it touched. The times are kept, and it escalates no more.",
        "closed" => "What could be learned is written down. It stays in the review log.",
        "cancelled" => "It was no incident. It stays in the review log as such.",
        _ => "",
    };

    internal static string Tone(string kind) => kind switch { "opened" or "let_go" => "denied", "told" or "severity" or "hold" => "waits", "acknowledged" or "state" => "allow", "update" => "accent", _ => "" };
}
