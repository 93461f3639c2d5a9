using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Access.Ui;

/// <summary>Who is here, with which roles, in which groups. Admins invite and change; the link of an invitation is shown once and forgotten with the dialog.</summary>
public sealed partial class PeoplePage
{
    private enum Dialog { None, Invite, Renewal, Roles, Group }

    private static readonly string[] Topics = ["state"];
    private readonly HashSet<string> _members = new(StringComparer.OrdinalIgnoreCase);
    private IReadOnlyList<PersonView>? _people;
    private IReadOnlyList<GroupView>? _groups;
    private Dialog _open;
    private PersonView? _person, _switching;
    private GroupView? _group;
    private ConsoleRoles _roles;
    private bool _manages, _busy, _known;
    private string? _email, _name, _refusal, _wrong, _link, _mine;
    private DateTimeOffset _expires;

    private string? Summary => _people is null ? null : $"{_people.Count} {(_people.Count == 1 ? "person" : "people")}, {_people.Count(p => p.Status == "invited")} invited, {_people.Count(p => p.Status == "disabled")} disabled";
    private IEnumerable<PersonView> Eligible => (_people ?? []).Where(p => p.Status != "disabled" || (_group?.Members.Any(m => m.Id == p.Id) ?? false));

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        if (await Me.GetAsync() is not { } me) return;
        (_mine, _manages) = (me.Id, Permissions.MayManagePeople(me.Person));
        var (people, groups) = (People.List(me), Groups.List(me));
        _wrong = (people.Fault ?? groups.Fault)?.Message;
        if (_wrong is null) (_people, _groups) = (people.Value, groups.Value);
    }

    private void Closed(bool open)
    {
        if (!open) Show(Dialog.None, null);
    }

    private void Show(Dialog dialog, PersonView? person)
        => (_open, _person, _group, _link, _known, _refusal, _email, _name) = (dialog, person, null, null, false, null, null, null);

    private void OpenInvite()
    {
        Show(Dialog.Invite, null);
        _roles = ConsoleRoles.Member;
    }

    private void OpenRenewal(PersonView person) => Show(Dialog.Renewal, person);

    private void OpenRoles(PersonView person)
    {
        Show(Dialog.Roles, person);
        _roles = person.Roles.Aggregate(ConsoleRoles.None, (all, role) => all | RoleNames.Console[role]);
    }

    private void OpenGroup(GroupView? group)
    {
        Show(Dialog.Group, null);
        _group = group;
        _members.Clear();
        foreach (var member in group?.Members ?? []) _members.Add(member.Email);
    }

    private void Pick(string email, bool on)
    {
        if (on) _members.Add(email); else _members.Remove(email);
    }

    private Task InviteAsync() => DoAsync(async me =>
    {
        var email = (_open == Dialog.Renewal ? _person?.Email : _email)?.Trim() ?? "";
        if (_open == Dialog.Invite)
        {
            if (!PeopleService.IsEmail(email)) return "This is not an e-mail address.";
            if (_roles == ConsoleRoles.None) return "Choose at least one role.";
        }
        var invited = await People.InviteAsync(me, email, _name, _roles);
        if (invited.Fault is { } fault) return fault.Message;
        var (person, created, invitation) = invited.Value;
        if (invitation is null) return $"{VisibleText.Flatten(person.Name)} has this address and is {person.Status}: no link was made, nothing was changed.";
        (_person, _known, _expires) = (person, !created && _open == Dialog.Invite, invitation.ExpiresAt);
        _link = Address.Link(Navigation.BaseUri, "/invitations/" + invitation.Code);
        return null;
    });

    private Task SaveRolesAsync() => DoAsync(async me =>
    {
        if (_roles == ConsoleRoles.None) return "Choose at least one role. To take everything away, disable the person.";
        var changed = await People.ChangeAsync(me, _person!.Id, null, _roles, null);
        if (changed.Fault is { } fault) return fault.Message;
        Toasts.Done($"{VisibleText.Flatten(changed.Value.Name)} is now: {RoleChecks.Words(changed.Value.Roles)}.");
        Show(Dialog.None, null);
        return null;
    });

    private Task SwitchAsync(string? reason) => DoAsync(async me =>
    {
        var off = _switching!.Status != "disabled";
        var changed = await People.ChangeAsync(me, _switching.Id, null, null, off);
        if (changed.Fault is { } fault) return fault.Message;
        Toasts.Done($"{VisibleText.Flatten(changed.Value.Name)} is {(off ? "disabled" : "enabled")}.");
        _switching = null;
        return null;
    });

    private Task SaveGroupAsync() => DoAsync(async me =>
    {
        var name = (_group?.Name ?? _name ?? "").Trim();
        if (_group is null && GroupService.WrongName(name) is { } wrong) return "The name " + wrong;
        if (_group is null && (_groups ?? []).Any(g => string.Equals(g.Name, name, StringComparison.OrdinalIgnoreCase))) return "A group has this name already. Change its members instead.";
        var saved = await Groups.SetAsync(me, name, [.. (_people ?? []).Select(p => p.Email).Where(_members.Contains)]);
        if (saved.Fault is { } fault) return fault.Message;
        Toasts.Done($"Group {VisibleText.Flatten(saved.Value.Group.Name)}: {saved.Value.Group.Members.Count} {(saved.Value.Group.Members.Count == 1 ? "member" : "members")}.");
        Show(Dialog.None, null);
        return null;
    });

    /// <summary>Does it as whoever is signed in now, and says why it was refused when it was.</summary>
    private async Task DoAsync(Func<PersonCaller, Task<string?>> change)
    {
        if (_busy) return;
        _busy = true;
        try
        {
            var me = await Me.RequireAsync();
            _refusal = me.Fault is { } gone ? gone.Message : await change(me.Value);
            if (_refusal is null) await LoadAsync();
        }
        finally { _busy = false; }
    }
}
