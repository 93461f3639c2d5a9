using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Reliability;

namespace OpsConsole.Features.Reviews.Ui;

/// <summary>One week as a document: the verdict, the frozen figures, what happened, and what people make of it.</summary>
public sealed partial class WeekPage
{
    private static readonly (ReviewVerdict, string, string)[] Verdicts = [(ReviewVerdict.Keep, "Keep", "Go on as it is"), (ReviewVerdict.Adjust, "Adjust", "Change the matrix, or lower a tier"), (ReviewVerdict.Stop, "Stop", "The rollout stands still at once")];

    private WeeklyReviewView? _view;
    private WeekSections? _sections;
    private string? _fault, _refusal, _of;
    private bool _busy, _signing;
    private ReviewVerdict _verdict;
    private long _seen;

    [Parameter] public string Id { get; set; } = "";
    [Parameter] public string Week { get; set; } = "";

    private string ReliabilityTopic => ReliabilityReader.Topic(Id);
    private string Records => $"/decisions?rollout={Id}&mode=live&from={Uri.EscapeDataString(Exact(_view!.Start))}&to={Uri.EscapeDataString(Exact(_view.End))}";

    protected override async Task OnParametersSetAsync()
    {
        if (_of != Id + Week)
        {
            (_of, _view, _refusal) = (Id + Week, null, null);
            await Task.Yield();   // rendered, so listening, before anything is read
        }
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var of = Id + Week;
        var me = await Me.RequireAsync();
        var found = me.Fault is { } gone ? gone : await Reader.FindAsync(me.Value, Id, Week, CancellationToken.None);
        if (of != Id + Week) return;   // another one was opened meanwhile
        _fault = found.Fault?.Message;
        if (found.Ok && (_view is null || _view.Id != found.Value.Id || _view.Version <= found.Value.Version)) _view = found.Value;   // one that began earlier may end later
    }

    private Task AddAsync(string? person) => string.IsNullOrEmpty(person) ? Task.CompletedTask : AttendAsync([.. _view!.Attendees, new(person, "")]);

    private Task<bool> AttendAsync(IEnumerable<Incidents.NamedPerson> people) => ChangeAsync(me => Desk.AttendAsync(me, _view!.Id, [.. people.Select(p => p.Id)]));

    private void Ask(ReviewVerdict verdict) => (_verdict, _signing, _refusal, _seen) = (verdict, true, null, _sections?.Version ?? _view!.Version);   // what is signed is what stood there when it was asked for

    private async Task<string?> SignAsync(SignRequest request)
    {
        if (!await ChangeAsync(me => Desk.SignAsync(me, _view!.Id, request, _seen)))
        {
            var refusal = _refusal;
            _refusal = null;
            return refusal is not null && _view!.Version != _seen ? refusal + " Close this, look at it, and sign again: what you wrote here stays." : refusal;
        }
        Toasts.Done("The review is signed.");
        if (request.Adjust == Adjustment.Matrix) Nav.NavigateTo($"/rollouts/{Id}/matrix?review={_view!.Week}");
        return null;
    }

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

    private static RenderFragment? More(long count, int shown) => count <= shown ? null : builder => builder.AddMarkupContent(0, $"<p class=\"muted small\">and {WeeklyReviewReader.Number(count - shown)} more</p>");

    private static string Exact(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    private static string Day(DateOnly day) => day.ToString("ddd d MMM yyyy", CultureInfo.InvariantCulture);
}
