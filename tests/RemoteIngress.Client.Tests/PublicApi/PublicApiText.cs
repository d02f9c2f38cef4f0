using System.Reflection;
using System.Text;

namespace RemoteIngress.Client.Tests.PublicApi;

/// <summary>The public surface of an assembly as text, a line for each type and member, in an order that does not depend on the source.</summary>
internal static class PublicApiText
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
    private static readonly NullabilityInfoContext Nullability = new();

    public static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes()
            .Where(type => type.Namespace?.StartsWith("RemoteIngress", StringComparison.Ordinal) == true)
            .OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(type.FullName).Append(Bases(type)).Append('\n');
            foreach (var member in type.GetMembers(Declared).Where(IsVisible).Select(Describe).Order(StringComparer.Ordinal))
            {
                text.Append("  ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static string Bases(Type type)
    {
        if (type.IsEnum)
        {
            return "";
        }

        var bases = type.GetInterfaces().Select(Name).Order(StringComparer.Ordinal).ToList();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
        {
            bases.Insert(0, Name(parent));
        }

        return bases.Count == 0 ? "" : " : " + string.Join(", ", bases);
    }

    // accessors are told by their property, and what the compiler adds to records is the same for all of them
    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => (method.IsPublic || method.IsFamily)
            && (!method.IsSpecialName || method.IsConstructor)
            && member.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is null,
        FieldInfo field => field is { IsPublic: true, IsSpecialName: false },
        PropertyInfo property => property.GetMethod?.IsPublic == true || property.SetMethod?.IsPublic == true,
        _ => false,
    };

    private static string Describe(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"new({Parameters(constructor)})",
        MethodInfo method => $"{(method.IsStatic ? "static " : "")}{method.Name}({Parameters(method)}) -> {Name(method.ReturnParameter)}",
        FieldInfo { IsLiteral: true } field => $"{field.Name} = {field.GetRawConstantValue()}",
        FieldInfo field => $"{field.Name}: {Name(field.FieldType)}",
        PropertyInfo property => $"{Modifiers(property)}{property.Name}: {Name(property)} {{ {Accessors(property)} }}",
        _ => throw new InvalidOperationException($"{member} is of a kind that this test does not know"),
    };

    private static string Modifiers(PropertyInfo property) =>
        property.GetMethod?.IsStatic == true ? "static "
        : property.GetCustomAttribute<System.Runtime.CompilerServices.RequiredMemberAttribute>() is not null ? "required "
        : "";

    private static string Accessors(PropertyInfo property) => property.SetMethod is not { IsPublic: true } setter
        ? "get;"
        : setter.ReturnParameter.GetRequiredCustomModifiers().Length > 0 ? "get; init;" : "get; set;";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{Name(parameter)} {parameter.Name}{(parameter.HasDefaultValue ? $" = {parameter.DefaultValue ?? "default"}" : "")}"));

    private static string Name(ParameterInfo parameter) => Name(parameter.ParameterType, Nullability.Create(parameter));

    private static string Name(PropertyInfo property) => Name(property.PropertyType, Nullability.Create(property));

    private static string Name(Type type, NullabilityInfo nullability)
    {
        var question = !type.IsValueType && (nullability.ReadState == NullabilityState.Nullable || nullability.WriteState == NullabilityState.Nullable) ? "?" : "";
        if (!type.IsGenericType || Nullable.GetUnderlyingType(type) is not null)
        {
            return Name(type) + question;
        }

        var arguments = type.GetGenericArguments().Select((argument, i) => Name(argument, nullability.GenericTypeArguments[i]));
        return $"{Plain(type)}<{string.Join(", ", arguments)}>{question}";
    }

    private static string Name(Type type) => Nullable.GetUnderlyingType(type) is { } value
        ? Name(value) + "?"
        : type.IsGenericType
            ? $"{Plain(type)}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
            : type.Name;

    private static string Plain(Type type) => type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)];
}
