using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Access.Ui;

/// <summary>When somebody is away and who stands in, and when they work: one's own, and for an admin anybody's. Times are typed in the person's zone.</summary>
public sealed partial class AwayPage
{
    private static readonly string[] Topics = ["state", "health"];
    private PersonEntry? _person;
    private PasswordAgain? _password;
    private HoursView? _hours;
    private IReadOnlyList<AbsenceView> _absences = [];
    private IReadOnlyList<(string Email, string Name)> _others = [];
    private bool _failed, _gone, _busy, _mine;
    private DateTime? _from, _until;
    private string? _to, _note, _zone, _refusal, _hoursRefusal, _loaded;
    private WorkDays _days;
    private TimeOnly? _start, _end;

    [Parameter] public string? PersonId { get; set; }

    private string Title => _mine || _person is null ? "Away and working hours" : $"Away: {VisibleText.Flatten(_person.Name)}";
    private string Purpose => _mine || _person is null ? "When I am away and who stands in for me, and when I work." : "When they are away and who stands in for them, and when they work.";
    private string Who => _mine ? "you are" : "they are";
    private string WhoNames => _mine ? "you name below" : "they name";
    private string WhoIsAsked => _mine ? "you are asked" : "they are asked";
    // Until somebody says where they are, their own browser does.
    private TimeZoneInfo Zone => _person?.Zone ?? (_mine ? Reader.Zone : null) ?? TimeZoneInfo.Utc;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            if (await Current.GetAsync() is not { } me) return;
            var id = PersonId ?? me.Id;
            var (person, hours, absences) = (Desk.Find(me, id), Desk.Hours(me, id), await Desk.ListAsync(me, id, CancellationToken.None));
            (_gone, _failed, _mine) = (!person.Ok, false, id == me.Id);
            if (!person.Ok || !hours.Ok || !absences.Ok) return;
            (_person, _hours, _absences, _others) = (person.Value, hours.Value, absences.Value, _mine ? Desk.StandIns(me) : []);
            if (_loaded == id) return;   // what somebody types is not written over by a refresh
            _loaded = id;
            (_zone, _days, _start, _end) = (_hours.TimeZone ?? Zone.Id, _person.Hours?.Days ?? WorkDays.None, _person.Hours?.From ?? new TimeOnly(9, 0), _person.Hours?.Until ?? new TimeOnly(17, 0));
        }
        catch (System.Data.Common.DbException)
        {
            _failed = true;
        }
    }

    private void Toggle(WorkDays day, bool on) => _days = on ? _days | day : _days & ~day;

    private async Task AddAsync()
    {
        if (_busy) return;
        if (_from is not { } from || _until is not { } until)
        {
            _refusal = "Say from when until when.";
            return;
        }
        await ChangeAsync(async (me, id) => (await Desk.AddAsync(me, id, WallClock.Moment(Zone, from), WallClock.Moment(Zone, until), _mine ? _to : null, _note)).Fault, refusal => _refusal = refusal, "The absence is planned.");
        if (_refusal is null) (_from, _until, _to, _note) = (null, null, null, null);
    }

    private Task RemoveAsync(AbsenceView absence) => ChangeAsync(async (me, id) => (await Desk.RemoveAsync(me, id, absence.Id)).Fault, refusal => _refusal = refusal, absence.From <= Reader.Now ? "Back: requests come to you again." : "The absence is removed.");

    private Task SaveHoursAsync()
        => ChangeAsync(async (me, id) => (await Desk.SetHoursAsync(me, id, string.IsNullOrWhiteSpace(_zone) ? null : _zone.Trim(), _days, _start, _end)).Fault, refusal => _hoursRefusal = refusal, "The hours are saved.");

    private async Task ChangeAsync(Func<PersonCaller, string, Task<Fault?>> change, Action<string?> refused, string done)
    {
        _busy = true;
        try
        {
            var fault = await _password!.TryAsync(me => change(me, PersonId ?? me.Id));
            refused(fault?.Message);
            if (fault is not null) return;
            Toasts.Done(done);
            await LoadAsync();
        }
        finally
        {
            _busy = false;
        }
    }
}
