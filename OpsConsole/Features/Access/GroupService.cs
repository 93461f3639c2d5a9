using System.Text;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Access;

public sealed record GroupMemberView(string Id, string Name, string Email);

/// <summary>A group as lists show it.</summary>
public sealed record GroupView(string Id, string Name, IReadOnlyList<GroupMemberView> Members);

/// <summary>Groups of people, named as approvers (<c>group:leads</c>). Only admins change them.</summary>
internal sealed class GroupService(DurableWriter writer)
{
    public const int LongestName = 100, MostMembers = 500;

    public Result<IReadOnlyList<GroupView>> List(PersonCaller me)
    {
        if (!Permissions.SeesAll(me.Person)) return Fault.Forbidden("Only admins, facilitators, sponsors and auditors see the groups.");
        var directory = writer.State.Directory;
        return directory.Groups.Values.OrderBy(g => g.Name, StringComparer.OrdinalIgnoreCase).Select(g => View(g, directory)).ToList();
    }

    /// <summary>As it is kept and compared: wide, narrow and composed forms of a letter are one (Unicode NFKC).</summary>
    private static string Normal(string name) => name.Trim().Normalize(NormalizationForm.FormKC);

    /// <summary>Why this cannot be a group's name, or null when it can: it stands in matrices after <c>group:</c>.</summary>
    public static string? WrongName(string name)
        => VisibleText.HasHidden(name.Trim()) ? "must not hold characters that nobody can see or that change the direction of writing." : Unusable(Normal(name));

    private static string? Unusable(string name)
        => name.Length is 0 or > LongestName || name.Any(c => char.IsControl(c) || c is ',' or ';' or ':' or '"' or '[' or ']') ? $"must be 1 to {LongestName} characters without , ; : \" [ ]." : null;

    /// <summary>Creates the group, or sets the members of the one that has this name (null leaves them). Faults: forbidden, <c>person.unknown</c> naming the member.</summary>
    /// <param name="members">E-mail addresses.</param>
    public async Task<Result<(GroupView Group, bool Created)>> SetAsync(PersonCaller me, string name, IReadOnlyList<string>? members)
    {
        if (PeopleService.MayManage(me) is { } refused) return refused;
        if (WrongName(name) is { } wrong) return Fault.Invalid("field.invalid", "name " + wrong, "name");
        name = Normal(name);
        var result = await writer.ChangeAsync<(string Id, bool Created)>(async (scope, ct) =>
        {
            var directory = scope.State.Directory;
            if (!directory.People.TryGetValue(me.Id, out var person) || !Permissions.MayManagePeople(person)) return Fault.Forbidden("Only an admin may manage people and groups.");
            List<string>? ids = null;
            for (var i = 0; i < members?.Count; i++)
            {
                if (!directory.ByEmail.TryGetValue(members[i].Trim(), out var member)) return Fault.Invalid("person.unknown", $"members[{i}] is '{members[i]}', whom the console does not know. Invite them first.", $"members[{i}]");
                ids ??= [];
                if (!ids.Contains(member.Id)) ids.Add(member.Id);
            }
            ids ??= members is null ? null : [];
            if (directory.GroupsByName.TryGetValue(name, out var known))
            {
                if (ids is null || ids.SequenceEqual(known.MemberIds)) return (known.Id, false);
                (await scope.Db.Groups.SingleAsync(g => g.Id == known.Id, ct)).Set(ids);
                scope.Audit(me.Actor, "group.members_set", known.Id, new { before = string.Join(' ', known.MemberIds), after = string.Join(' ', ids) });
                scope.AuthorityChanged();
                return (known.Id, false);
            }
            var group = new PersonGroup(Secrets.NewId("grp"), name, ids ?? []);
            scope.Db.Groups.Add(group);
            scope.Audit(me.Actor, "group.created", group.Id, new { name = group.Name, members = string.Join(' ', group.MemberIds) });
            scope.AuthorityChanged();
            return (group.Id, true);
        });
        if (result.Fault is { } fault) return fault;
        var state = writer.State.Directory;
        return (View(state.Groups[result.Value.Id], state), result.Value.Created);
    }

    private static GroupView View(GroupEntry group, PeopleDirectory directory)
        => new(group.Id, group.Name, [.. group.MemberIds.Where(directory.People.ContainsKey).Select(id => directory.People[id]).Select(p => new GroupMemberView(p.Id, p.Name, p.Email))]);
}
